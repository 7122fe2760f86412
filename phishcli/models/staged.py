"""What models that grow in rounds share: predictions after fewer rounds, and the rows that decide on early stopping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from phishcli.models.balance import chosen_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.models.abilities import EarlyStopping


def staged(estimator: Any, x: Any, counts: Sequence[int]) -> list[Any]:
    """Probabilities of the positive class after each of ``counts`` rounds, by scikit-learn's staged prediction."""
    found: dict[int, Any] = {}
    for count, probability in enumerate(estimator.staged_predict_proba(x), start=1):
        if count in counts:
            found[count] = probability[:, 1].copy()
        if len(found) == len(counts):
            break
    return [found[count] for count in counts]


class Parts(NamedTuple):
    """Rows to fit on, then rows that decide when to stop; the weights are None where rows count alike."""

    x: NDArray[Any]
    y: NDArray[Any]
    x_stop: NDArray[Any]
    y_stop: NDArray[Any]
    weight: NDArray[Any] | None = None
    weight_stop: NDArray[Any] | None = None


def inner_parts(x: NDArray[Any], y: NDArray[Any], stopping: EarlyStopping, weight: NDArray[Any] | None = None) -> Parts:
    """Split off rows for early stopping from the rows that a fit is given, stratified.

    On a fold these are training rows, transformed by the preprocessor of the fold; its held-out rows are not used. Rows
    are repeated or left out after that, so that none is in both parts.
    """
    from sklearn.model_selection import train_test_split

    given = (x, y) if weight is None else (x, y, weight)
    made = train_test_split(*given, test_size=stopping.share, random_state=stopping.seed, stratify=y)
    fit, stop = made[::2], made[1::2]
    if (rows := chosen_rows(stopping.resampling, fit[1], stopping.seed)) is not None:
        fit = [each[rows] for each in fit]
    return Parts(fit[0], fit[1], stop[0], stop[1], *((fit[2], stop[2]) if weight is not None else ()))


def more_rounds(parameter: str) -> Callable[[Any, Any, Any, int], Any]:
    """Give what adds rounds to a fitted estimator of scikit-learn with ``warm_start``, set by this parameter."""

    def go(estimator: Any, x: Any, y: Any, rounds: int) -> Any:
        from copy import deepcopy

        grown = deepcopy(estimator)
        grown.set_params(warm_start=True, **{parameter: getattr(grown, parameter) + rounds})
        return grown.fit(x, y).set_params(warm_start=False)

    return go
