"""Which rows train, which test, and which fold each training row belongs to: by label, by group, or by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, train_test_split

from phishcli.errors import ConfigError, PreprocessError
from phishcli.tables.shares import late_rows, whole_groups
from phishcli.wording import counted, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from phishcli.config.schema import PreprocessConfig, SplitConfig

    Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Split:
    """Positions of the training and the test rows, and the fold (int8) of each training row, in their order."""

    train: NDArray[np.intp]
    test: NDArray[np.intp]
    folds: NDArray[np.int8]


def split_rows(settings: PreprocessConfig, target: pd.DataFrame) -> Split:
    """Split the rows of a table; the same rows and settings always give the same split.

    By default a stratified random split (scikit-learn's ``train_test_split`` on the labels as the source has them: the
    order of the classes shapes it) with folds that are stratified and not shuffled, as ``cv=K`` makes them. With
    ``split.group`` no group is on both sides of the split or of a fold, and both stay as stratified as the groups
    allow. With ``split.time`` the latest rows are the test (rows of the same time stay together), and the folds are
    consecutive blocks of time: every training row is predicted once, by a model that saw earlier *and* later rows, so
    cross-validation compares models while only the test shows how well the future is predicted.

    Parameters
    ----------
    settings
        The section ``preprocess``.
    target
        n rows: ``label`` as stored and, where the settings ask for it, ``group`` or ``time``.

    Raises
    ------
    ConfigError
        When both a group and a time are set.
    PreprocessError
        When a part or a fold would lack one of the classes.
    """
    split = settings.split
    if split.group and split.time:
        hint = "Set one of them to null. phish audit --gap tries both, one after the other, where it finds the columns."
        raise ConfigError("The rows cannot be split by group and by time at once.", where="preprocess.split", hint=hint)
    codes = pd.factorize(target["label"], sort=True)[0]
    failures = []
    for train, test in _parts(settings, codes, target):
        try:
            return _checked(settings, codes, target, train, test)
        except PreprocessError as error:
            failures.append(error)
    raise failures[0]


def _parts(settings: PreprocessConfig, codes: Codes, target: pd.DataFrame) -> Iterator[tuple[Codes, Codes]]:
    """Offer ways to split, the best first: one, but for a split by group."""
    split = settings.split
    if split.group:
        yield from _by_group(settings, codes, target["group"])
    elif split.time:
        yield _by_time(split, codes, target["time"])
    else:
        yield _by_label(split, codes)


def _checked(settings: PreprocessConfig, codes: Codes, target: pd.DataFrame, train: Codes, test: Codes) -> Split:
    """Assign the folds; both parts, and the training rows of each fold, must hold both classes."""
    _check_parts(settings.split, codes, train, test)
    folds = _folds(settings, codes[train], target.iloc[train])
    _check_folds(settings, codes[train], folds)
    return Split(train, test, folds.astype(np.int8))


def _by_label(split: SplitConfig, codes: Codes) -> tuple[Codes, Codes]:
    try:
        train, test = train_test_split(
            np.arange(len(codes)), test_size=split.test_size, random_state=split.seed, stratify=codes
        )
    except ValueError as error:
        fewest = np.bincount(codes).min()
        raise PreprocessError(
            f"{counted(len(codes), 'row')} ({fewest:,} of the rarer class) {plural(len(codes), 'is', 'are')} too few "
            f"for test_size {split.test_size}.",
            where="preprocess.split.test_size",
            hint="Add rows, or choose another share with --set preprocess.split.test_size=SHARE.",
        ) from error
    return train, test


def _by_time(split: SplitConfig, codes: Codes, times: pd.Series[Any]) -> tuple[Codes, Codes]:
    order: Codes = np.argsort(times.to_numpy(), kind="stable")
    late = late_rows(split.test_size, codes, times)[order]
    return order[~late], order[late]


def _by_group(settings: PreprocessConfig, codes: Codes, groups: pd.Series[Any]) -> Iterator[tuple[Codes, Codes]]:
    split = settings.split
    finest = min(groups.nunique(), int(np.bincount(codes).min()))
    if finest < 2:  # noqa: PLR2004 - one for each side
        raise PreprocessError(
            f"{counted(groups.nunique(), 'group')} with {counted(int(np.bincount(codes).min()), 'row')} of the rarer "
            "class cannot be split.",
            where=f"preprocess.split.group = {split.group}",
            hint="Name another column with --set preprocess.split.group=COLUMN.",
        )
    for in_test in whole_groups(split.test_size, split.seed, settings.folds, codes, groups, finest):
        yield np.flatnonzero(~in_test), np.flatnonzero(in_test)


def _check_parts(split: SplitConfig, codes: Codes, train: Codes, test: Codes) -> None:
    for part, rows in (("training", train), ("test", test)):
        if len(np.unique(codes[rows])) < 2:  # noqa: PLR2004 - binary classification
            raise PreprocessError(
                f"The {part} part ({len(rows):,} of {counted(len(codes), 'row')}) does not hold rows of both classes.",
                where="preprocess.split",
                hint=f"Choose another share than {split.test_size} with --set preprocess.split.test_size=SHARE, "
                "or split by another column.",
            )


def _folds(settings: PreprocessConfig, codes: Codes, target: pd.DataFrame) -> Codes:
    if settings.split.time:
        return np.arange(len(codes)) * settings.folds // len(codes)
    rarer = int(np.bincount(codes).min())
    if rarer < settings.folds:
        raise _too_many(settings, f"The training part holds {counted(rarer, 'row')} of the rarer class", rarer)
    if not settings.split.group:
        return _numbered(StratifiedKFold(settings.folds).split(codes, codes), len(codes))
    groups = target["group"]
    if groups.nunique() < settings.folds:
        raise _too_many(settings, f"The training part holds {counted(groups.nunique(), 'group')}", groups.nunique())
    return _numbered(StratifiedGroupKFold(settings.folds).split(codes, codes, groups), len(codes))


def _numbered(folds: Iterable[tuple[Codes, Codes]], rows: int) -> Codes:
    numbers = np.zeros(rows, dtype=np.intp)
    for number, (_, held_out) in enumerate(folds):
        numbers[held_out] = number
    return numbers


def _check_folds(settings: PreprocessConfig, codes: Codes, folds: Codes) -> None:
    for number in range(settings.folds):
        held_out = folds == number
        if not held_out.any() or len(np.unique(codes[~held_out])) < 2:  # noqa: PLR2004 - binary classification
            what = f"Fold {number + 1} of {settings.folds} is empty or holds all rows of a class that training has"
            raise _too_many(settings, what, settings.folds - 1)


def _too_many(settings: PreprocessConfig, what: str, most: int) -> PreprocessError:
    fewer = f"Ask for fewer folds with --set preprocess.folds={most}, or add rows."
    return PreprocessError(
        f"{what}: too few for {settings.folds} folds.",
        where="preprocess.folds",
        hint=fewer if most >= 2 else "Add rows of this class.",  # noqa: PLR2004 - the fewest folds there are
    )
