"""Why a row has its probability: what each column of the source adds to the log odds, and what is usual there.

Boosters share the log odds of a row out among its columns themselves (TreeSHAP: Lundberg et al. 2020, Nature Machine
Intelligence 2, 56-67); the reference is their mean over the training rows. For linear models a contribution is the
weight times the distance from the usual value, for any other model the change of the log odds when the value is
replaced by the usual one; the reference is the usual row. Usual is the median or the most frequent category of the
training rows. Contributions are those of the score; a calibration by a line in log odds stretches them, another one
leaves them alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from phishcli.documents.calibration import SigmoidMap
from phishcli.documents.schema import Column, Schema
from phishcli.evaluation.calibration_map import log_odds
from phishcli.features.values import Categories, Numbers
from phishcli.models import find
from phishcli.models.mean import MeanOfModels, MeanScore
from phishcli.models.own_format import PositiveClass
from phishcli.models.view import ScoreOfView
from phishcli.serving.rows import Rows, read_rows
from phishcli.wording import bounded_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.encoder import Encoder
    from phishcli.models.own_format import Score
    from phishcli.serving.bundle import Bundle
    from phishcli.serving.rows import RawRows

AT_ONCE = 65_536
"""Rows scored at once where values are replaced."""
LENGTH = 40
"""Characters of a text that are shown."""
LEAST = 1e-9
"""A contribution that is smaller is none."""
MOSTLY = 0.5
"""From this share of missing values on, a missing value is the usual one."""
WIDE, LONG = 1e5, 1e15
"""From here on a number is shown without decimals, and with its first digits only."""
Value = float | str | None


class Reason(msgspec.Struct, frozen=True):
    """What one column adds to the log odds of the positive class.

    ``value`` is the value as it was read, ``usual`` that of most training rows; None stands for a missing one. ``text``
    says it in words: ``DomainAgeMonths = 2 (usually 39): +1.3``.
    """

    column: str
    value: Value
    usual: Value
    contribution: float
    text: str


class Explainer:
    """Gives reasons for rows; made once for a bundle. ``score`` is a quicker way to its scores of few rows."""

    def __init__(self, bundle: Bundle, score: Score | None = None) -> None:
        self._bundle, self._score = bundle, score or bundle.score
        self._columns = _explained(bundle.schema)
        self._usual = {column.name: _usual(bundle, column) for column in self._columns}
        self._places, self._halved = _places(bundle)
        calibration = bundle.metadata.calibration
        self._stretch = calibration.slope if isinstance(calibration, SigmoidMap) else 1.0

    def explain(self, rows: RawRows, n: int = 3) -> list[tuple[Reason, ...]]:
        """Give the ``n`` strongest reasons of each raw row, the strongest first."""
        read = read_rows(rows, self._bundle.schema)
        return self.reasons(read, self._bundle.encoder.encode(read), n) if read.n else []

    def reasons(self, read: Rows, matrix: NDArray[np.float32], n: int = 3) -> list[tuple[Reason, ...]]:
        """Give the ``n`` strongest reasons of rows that have been read and encoded."""
        added = self.contributions(matrix)
        strongest = np.argsort(-np.abs(added), axis=1, kind="stable")[:, :n]
        return [
            tuple(
                self._reason(read, row, column, added[row, column]) for column in columns if _counts(added, row, column)
            )
            for row, columns in enumerate(strongest.tolist())
        ]

    def contributions(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """What each column of the source adds to the log odds of n encoded rows, shape (n, number of columns)."""
        return self._by_column(matrix) * self._stretch

    @cached_property
    def _by_column(self) -> Callable[[NDArray[np.float32]], NDArray[np.float64]]:
        each_output = self._each_output()
        if each_output is None:
            return self._replaced

        def summed(matrix: NDArray[np.float32]) -> NDArray[np.float64]:
            added = np.asarray(each_output(matrix), dtype=np.float64)
            for place in self._halved:  # what a product or ratio adds belongs to both of its columns
                added[:, place] /= 2
            return np.stack([added[:, places].sum(axis=1) for places in self._places], axis=1)

        return summed

    def _each_output(self) -> Callable[[NDArray[np.float32]], Any] | None:
        """The contributions of single outputs of the encoder, where the model has them."""
        score = self._bundle.score
        if not isinstance(score, ScoreOfView):
            return self._each_seen(score, self._usual_row)
        places = list(score.places)
        seen = self._each_seen(score.score, self._usual_row[places])
        if seen is None:
            return None

        def spread(matrix: NDArray[np.float32]) -> NDArray[np.float64]:
            added = np.zeros(matrix.shape)
            added[:, places] = seen(np.ascontiguousarray(matrix[:, places]))
            return added

        return spread

    def _each_seen(self, score: Score, usual_row: NDArray[np.float32]) -> Callable[[NDArray[np.float32]], Any] | None:
        """The contributions of the columns that the model sees, where it has them."""
        spec = find(self._bundle.metadata.model)
        if isinstance(score, MeanScore) or isinstance(getattr(score, "estimator", None), MeanOfModels):
            return None
        if not isinstance(score, PositiveClass):
            own = spec.own_format if spec else None
            return own.contributions(score) if own and own.contributions else None
        estimator = score.estimator
        weights = getattr(estimator, "coef_", None)
        if weights is not None and weights.shape == (1, len(usual_row)):
            usual = usual_row.astype(np.float64)
            return lambda matrix: (matrix - usual) * weights
        of_rows = spec.contributions if spec else None
        return None if of_rows is None or weights is not None else lambda matrix: of_rows(estimator, matrix)

    def _replaced(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """The log odds of rows, minus those with the usual value in one column."""
        step = max(1, AT_ONCE // (len(self._places) + 1))
        parts = [self._replaced_few(matrix[at : at + step]) for at in range(0, len(matrix), step)]
        return np.concatenate(parts) if parts else np.empty((0, len(self._places)))

    def _replaced_few(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        copies = np.repeat(matrix[None], len(self._places) + 1, axis=0)
        for copy, places in zip(copies[1:], self._places, strict=True):
            copy[:, places] = self._usual_row[places]
        scores = self._score(copies.reshape(-1, matrix.shape[1]))
        odds = log_odds(np.asarray(scores, dtype=np.float64)).reshape(len(copies), len(matrix))
        changes: NDArray[np.float64] = (odds[0] - odds[1:]).T
        return changes

    @cached_property
    def _usual_row(self) -> NDArray[np.float32]:
        """The usual values as the model sees them, shape (number of outputs,)."""
        encoder = self._bundle.encoder
        row: NDArray[np.float32] = encoder.encode(_row_of(self._bundle, self._usual))[0]
        known = {column.name for column in self._bundle.schema.columns if column.role == "categorical"}
        for place, column in enumerate(columns_of_outputs(encoder.encoder)):
            if column.learned and column.names[0] not in known:
                row[place] = 0  # the median of what was learned: scores and shares are scaled by it
        return row

    def _reason(self, read: Rows, row: int, place: int, added: float) -> Reason:
        column = self._columns[place]
        value, usual = _value(read, column, row), self._usual[column.name]
        known = column.role in ("numeric", "categorical") and (
            self._bundle.profile is not None or column.role == "numeric"
        )
        compared = _compared(column, value, usual) if known else self._worded(column, value, positive=added > 0)
        text = f"{_said(column, value)}{compared}: {_signed(added)}"
        return Reason(column.name, value, usual, float(added), text)

    def _worded(self, column: Column, value: Value, *, positive: bool) -> str:
        """The words of a text that its score comes from: ``(by "prize", "claim")``."""
        if column.role != "text" or not isinstance(value, str):
            return ""
        words = self._bundle.encoder.words(column.name, value, positive=positive)
        named = ", ".join(f'"{bounded_text(each.text, LENGTH)}"' for each in words)
        return f" (by {named})" if named else ""


def _counts(added: NDArray[np.float64], row: int, column: int) -> bool:
    return bool(abs(added[row, column]) >= LEAST)


def _explained(schema: Schema) -> list[Column]:
    """The columns that contributions go to: all features, and what the mark of a missing value belongs to."""
    marked = {column.indicator_of for column in schema.columns}
    return [
        column
        for column in schema.columns
        if column.indicator_of is None and (column.role != "source" or column.name in marked)
    ]


def _usual(bundle: Bundle, column: Column) -> Value:
    """The usual value of a column; of releases without a profile what the encoder knows; None for texts."""
    if column.role not in ("numeric", "categorical"):
        return None
    profile, encoder = bundle.profile, bundle.encoder.encoder
    if column.role == "numeric":
        if profile is not None:
            found = profile.numeric[column.name]
            return None if found.missing > MOSTLY else found.median
        return next((_finite(float(each.impute)) for each in encoder.numeric if each.column == column.name), None)
    if profile is not None:
        text = profile.categorical[column.name]
        return None if text.missing > MOSTLY else text.usual
    return next((each.categories[0] for each in encoder.categorical if each.column == column.name), None)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


class _Output(NamedTuple):
    """The columns that an output of the encoder is made of, whether it was learned from labels, and its range."""

    names: tuple[str, ...]
    low: float
    high: float
    learned: bool = False


def columns_of_outputs(encoder: Encoder) -> list[_Output]:
    """The columns that each output of the encoder is made of, and the values between which it lies."""
    pairs, ends = ((each.column, each.pair) for each in encoder.numeric), (-encoder.limit, encoder.limit)
    found = [_Output((pair.left, pair.right) if pair else (name,), *ends) for name, pair in pairs]
    found += [_Output((each.column,), 0.0, 1.0) for each in encoder.categorical for _ in range(each.width)]
    found += [_Output((each.column,), *ends, learned=True) for each in encoder.learned]
    return found if encoder.kept is None else [found[place] for place in encoder.kept]


def _places(bundle: Bundle) -> tuple[list[list[int]], list[int]]:
    """The outputs of each column of the source, and those of two columns; a mark of missing values is its column's."""
    origin = {each.name: each.indicator_of or each.name for each in bundle.schema.columns}
    found: dict[str, list[int]] = {each.name: [] for each in _explained(bundle.schema)}
    halved = []
    for place, output in enumerate(columns_of_outputs(bundle.encoder.encoder)):
        halved += [place] if len(output.names) > 1 else []
        for name in output.names:
            found[origin[name]].append(place)
    return list(found.values()), halved


def _row_of(bundle: Bundle, values: Mapping[str, Value]) -> Rows:
    """One row of values that need not be interpreted."""
    numbers: dict[str, Numbers] = {}
    categories: dict[str, Categories] = {}
    texts: dict[str, Categories] = {}
    for column in bundle.schema.columns:
        value = values.get(column.indicator_of or column.name)
        if column.indicator_of is not None:
            missing = values.get(column.indicator_of) is None and column.indicator_of not in texts
            numbers[column.name] = Numbers(np.array([float(missing)]), {})
        elif column.role == "numeric":
            numbers[column.name] = Numbers(np.array([np.nan if value is None else value], dtype=np.float64), {})
        elif column.role != "categorical":
            texts[column.name] = Categories(np.array([-1], dtype=np.intp), (), {})
        else:
            names = () if value is None else (str(value),)
            categories[column.name] = Categories(np.array([len(names) - 1], dtype=np.intp), names, {})
    return Rows(1, numbers, categories, texts)


def _value(read: Rows, column: Column, row: int) -> Value:
    if column.role == "numeric":
        number = float(read.numbers[column.name].floats[row])
        return None if np.isnan(number) else number
    found = read.categories[column.name] if column.role == "categorical" else read.texts[column.name]
    return None if found.codes[row] < 0 else found.names[found.codes[row]]


def _said(column: Column, value: Value) -> str:
    return f"{column.name} is missing" if value is None else f"{column.name} = {shown(column, value)}"


def _compared(column: Column, value: Value, usual: Value) -> str:
    return " (as usual)" if value == usual else f" (usually {shown(column, usual)})"


def shown(column: Column, value: Value) -> str:
    """Write a value of a column for people; what does not print is quoted."""
    if value is None:
        return "missing"
    if isinstance(value, str):
        return bounded_text(value if value.isprintable() and value.strip() == value and value else repr(value), LENGTH)
    if column.dtype == "bool" and value in (0, 1):
        return "true" if value else "false"
    if float(value).is_integer() and abs(value) < LONG:
        return f"{int(value):,}"
    return f"{value:,.0f}" if WIDE <= abs(value) < LONG else f"{value:.6g}"


def _signed(added: float) -> str:
    return f"{added:+.1f}" if abs(added) >= 0.05 else f"{added:+.1g}"  # noqa: PLR2004 (what one decimal shows)
