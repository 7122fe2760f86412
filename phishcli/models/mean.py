"""A weighted mean of fitted models, or a linear second level over their log odds: as an estimator, and as a file.

Nothing in the file is run when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, Self

import msgspec
import numpy as np

from phishcli.models import registry
from phishcli.models.own_format import NoSafeFormat, PositiveClass, Score
from phishcli.models.view import of_view, without_view

if TYPE_CHECKING:
    from numpy.typing import NDArray


def model_of(member: str) -> str:
    """The model that a member is a fit of: ``XGBoost`` for ``XGBoost#12``, its twelfth trial."""
    return member.partition("#")[0]


def one_of(model: Any) -> Any:
    """A fitted model, or the first of those that were averaged."""
    return model.models[0] if isinstance(model, MeanOfModels) else model


LEAST = 1e-6
"""Probabilities are kept so far from 0 and 1 before their log odds are taken."""


def log_odds(probability: NDArray[Any]) -> NDArray[np.float64]:
    """The log odds of probabilities of any shape."""
    kept = np.clip(np.asarray(probability, dtype=np.float64), LEAST, 1 - LEAST)
    return np.log(kept / (1 - kept))


def squashed(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probabilities that belong to log odds."""
    return 1 / (1 + np.exp(-np.clip(odds, -700, 700)))


class MeanOfModels:
    """The weighted mean of the probabilities of fitted models, or a logistic regression on their log odds.

    Parameters
    ----------
    names, models, weights
        The members with a weight above 0: their names (of the model, or with the number of a trial, as ``XGBoost#12``),
        the fitted estimators, and their weights, which add up to 1 in a mean.
    intercept
        Of the logistic regression; None for a mean.
    """

    intercept: float | None = None  # of means that were pickled before there were others

    def __init__(
        self, names: Sequence[str], models: Sequence[Any], weights: Sequence[float], intercept: float | None = None
    ) -> None:
        self.names, self.models, self.weights, self.intercept = list(names), list(models), list(weights), intercept
        self.classes_ = np.array([0, 1])

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002, ARG002 (as scikit-learn has it)
        """The weights by member."""
        return dict(zip(self.names, self.weights, strict=True))

    def fit(self, *_: Any) -> Self:
        """The members are fitted already."""
        return self

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn asks the last step of a pipeline: those of any classifier."""
        from sklearn.dummy import DummyClassifier

        return DummyClassifier().__sklearn_tags__()

    def __sklearn_is_fitted__(self) -> bool:
        """The members are fitted already."""
        return True

    def predict(self, matrix: NDArray[np.float32]) -> NDArray[np.int64]:
        """The class with the larger probability, shape (n,)."""
        return (self.predict_proba(matrix)[:, 1] >= 0.5).astype(np.int64)  # noqa: PLR2004 (a half)

    def predict_proba(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """The probabilities of both classes, shape (n, 2)."""
        positive = mean_of(self.scores(), self.weights, np.asarray(matrix, dtype=np.float32), self.intercept)
        return np.stack([1 - positive, positive], axis=1)

    def scores(self) -> list[Score]:
        """The score of each member."""
        found = []
        for name, model in zip(self.names, self.models, strict=True):
            inner, places = without_view(model)
            found.append(of_view(PositiveClass(inner, registry()[model_of(name)].in_blocks), places))
        return found


def mean_of(
    scores: Sequence[Score], weights: Sequence[float], matrix: NDArray[np.float32], intercept: float | None = None
) -> NDArray[np.float64]:
    """Put the scores of n rows together, added up in the order of the members."""
    total = np.zeros(len(matrix))
    for score, weight in zip(scores, weights, strict=True):
        found = np.asarray(score(matrix), dtype=np.float64)
        total += weight * (found if intercept is None else log_odds(found))
    return total if intercept is None else squashed(total + intercept)


class MeanScore(msgspec.Struct, frozen=True):
    """The score of a mean that was read from its file."""

    names: tuple[str, ...]
    scores: tuple[Score, ...]
    weights: tuple[float, ...]
    intercept: float | None = None

    def __call__(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Give the probability of the positive class for n rows, shape (n,)."""
        return mean_of(self.scores, self.weights, matrix, self.intercept)


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One member in the file: in the format of its own library, of skops, or a mean itself.

    ``view`` is as in `with_view`.
    """

    name: str
    weight: float
    format: Literal["own", "skops", "mean"]
    content: bytes
    view: tuple[int, ...] | None = None


class Stack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A second level in the file; a mean is the list of its members alone."""

    intercept: float
    members: list[Member]


def write(estimator: MeanOfModels) -> str:
    """Write a mean as JSON.

    Raises
    ------
    NoSafeFormat
        When a member has no format that is safe to read.
    """
    from phishcli.models import safe

    members = []
    for name, whole, weight in zip(estimator.names, estimator.models, estimator.weights, strict=True):
        model, places = without_view(whole)
        own = registry()[model_of(name)].own_format
        if isinstance(model, MeanOfModels):
            members.append(Member(name, weight, "mean", write(model).encode(), places))
        elif own is not None and own.holds(model.get_params()):
            content = own.write(model)
            plain = content.encode() if isinstance(content, str) else bytes(content)
            members.append(Member(name, weight, "own", plain, places))
        elif (data := safe.written(model_of(name), model)) is not None:
            members.append(Member(name, weight, "skops", data, places))
        else:
            raise NoSafeFormat(f"{name} has no format that is safe to read")
    whole = members if estimator.intercept is None else Stack(float(estimator.intercept), members)
    return msgspec.json.encode(whole).decode()


def read(content: str) -> MeanScore:
    """Read a mean; nothing in it is run.

    Raises
    ------
    ValueError
        When it is no such file.
    PersistError
        When a member holds a type that is not trusted.
    """
    whole = msgspec.json.decode(content, type=list[Member] | Stack)
    members, intercept = (whole.members, whole.intercept) if isinstance(whole, Stack) else (whole, None)
    if not members or not all(isfinite(each.weight) for each in members):
        raise ValueError("the weights of the members are not numbers")
    if intercept is None and abs(sum(each.weight for each in members) - 1) > 1e-9:  # noqa: PLR2004 (rounding)
        raise ValueError("the weights of the members do not add up to 1")
    return MeanScore(
        tuple(each.name for each in members),
        tuple(of_view(_score(each), each.view) for each in members),
        tuple(each.weight for each in members),
        intercept,
    )


def _score(member: Member) -> Score:
    from phishcli.models import safe

    spec = registry().get(model_of(member.name))
    if spec is None:
        raise ValueError("a member is of an unknown model")
    if member.format == "mean":
        return read(member.content.decode())
    if member.format == "skops":
        return PositiveClass(safe.read(spec.name, member.content), spec.in_blocks)
    if spec.own_format is None:
        raise ValueError(f"{member.name} has no format of its own")
    text = spec.own_format.suffix == "txt"
    return spec.own_format.read(member.content.decode() if text else bytearray(member.content))
