"""A weighted mean of fitted models: as an estimator, and as a file that runs no code when it is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

import msgspec
import numpy as np

from phishcli.models import registry
from phishcli.models.own_format import NoSafeFormat, PositiveClass, Score
from phishcli.models.view import of_view, without_view

if TYPE_CHECKING:
    from numpy.typing import NDArray


class MeanOfModels:
    """The weighted mean of the probabilities of fitted models.

    Parameters
    ----------
    names, models, weights
        The members with a weight above 0: their names, the fitted estimators, and their weights, which add up to 1.
    """

    def __init__(self, names: Sequence[str], models: Sequence[Any], weights: Sequence[float]) -> None:
        self.names, self.models, self.weights = list(names), list(models), list(weights)
        self.classes_ = np.array([0, 1])

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002, ARG002 (as scikit-learn has it)
        """The weights by member."""
        return dict(zip(self.names, self.weights, strict=True))

    def fit(self, *_: Any) -> Self:
        """The members are fitted already."""
        return self

    def predict_proba(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """The probabilities of both classes, shape (n, 2)."""
        positive = mean_of(self.scores(), self.weights, np.asarray(matrix, dtype=np.float32))
        return np.stack([1 - positive, positive], axis=1)

    def scores(self) -> list[Score]:
        """The score of each member."""
        found = []
        for name, model in zip(self.names, self.models, strict=True):
            inner, places = without_view(model)
            found.append(of_view(PositiveClass(inner, registry()[name].in_blocks), places))
        return found


def mean_of(scores: Sequence[Score], weights: Sequence[float], matrix: NDArray[np.float32]) -> NDArray[np.float64]:
    """The weighted mean of scores of n rows, added up in the order of the members."""
    total = np.zeros(len(matrix))
    for score, weight in zip(scores, weights, strict=True):
        total += weight * np.asarray(score(matrix), dtype=np.float64)
    return total


class MeanScore(msgspec.Struct, frozen=True):
    """The score of a mean that was read from its file."""

    names: tuple[str, ...]
    scores: tuple[Score, ...]
    weights: tuple[float, ...]

    def __call__(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Give the probability of the positive class for n rows, shape (n,)."""
        return mean_of(self.scores, self.weights, matrix)


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One member in the file: in the format of its own library, or of skops; ``view`` as in `with_view`."""

    name: str
    weight: float
    format: Literal["own", "skops"]
    content: bytes
    view: tuple[int, ...] | None = None


def write(estimator: MeanOfModels) -> str:
    """Write a mean as JSON.

    Raises
    ------
    NoSafeFormat
        When a member has no format that runs no code.
    """
    from phishcli.models import safe

    members = []
    for name, whole, weight in zip(estimator.names, estimator.models, estimator.weights, strict=True):
        model, places = without_view(whole)
        own = registry()[name].own_format
        if own is not None and own.holds(model.get_params()):
            content = own.write(model)
            plain = content.encode() if isinstance(content, str) else bytes(content)
            members.append(Member(name, weight, "own", plain, places))
        elif (data := safe.written(name, model)) is not None:
            members.append(Member(name, weight, "skops", data, places))
        else:
            raise NoSafeFormat(f"{name} has no format that runs no code")
    return msgspec.json.encode(members).decode()


def read(content: str) -> MeanScore:
    """Read a mean; nothing in it is run.

    Raises
    ------
    ValueError
        When it is no such file.
    PersistError
        When a member holds a type that is not trusted.
    """
    members = msgspec.json.decode(content, type=list[Member])
    if not members or abs(sum(each.weight for each in members) - 1) > 1e-9:  # noqa: PLR2004 (rounding)
        raise ValueError("the weights of the members do not add up to 1")
    return MeanScore(
        tuple(each.name for each in members),
        tuple(of_view(_score(each), each.view) for each in members),
        tuple(each.weight for each in members),
    )


def _score(member: Member) -> Score:
    from phishcli.models import safe

    spec = registry().get(member.name)
    if spec is None:
        raise ValueError("a member is of an unknown model")
    if member.format == "skops":
        return PositiveClass(safe.read(member.name, member.content), spec.in_blocks)
    if spec.own_format is None:
        raise ValueError(f"{member.name} has no format of its own")
    text = spec.own_format.suffix == "txt"
    return spec.own_format.read(member.content.decode() if text else bytearray(member.content))
