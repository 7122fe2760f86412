"""What models that grow in rounds share: predictions after fewer rounds, and the rows that decide on early stopping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.models.spec import EarlyStopping


def staged(estimator: Any, x: Any, counts: Sequence[int]) -> list[Any]:
    """Probabilities of the positive class after each of ``counts`` rounds, by scikit-learn's staged prediction."""
    found: dict[int, Any] = {}
    for count, probability in enumerate(estimator.staged_predict_proba(x), start=1):
        if count in counts:
            found[count] = probability[:, 1].copy()
        if len(found) == len(counts):
            break
    return [found[count] for count in counts]


def inner_parts(
    x: NDArray[Any], y: NDArray[Any], stopping: EarlyStopping
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Split off rows for early stopping from the rows that a fit is given, stratified.

    On a fold these are training rows, transformed by the preprocessor of the fold; its held-out rows are not used.

    Returns
    -------
    tuple
        x and y to fit on, then x and y that decide when to stop.
    """
    from sklearn.model_selection import train_test_split

    x_fit, x_stop, y_fit, y_stop = train_test_split(
        x, y, test_size=stopping.share, random_state=stopping.seed, stratify=y
    )
    return x_fit, y_fit, x_stop, y_stop


def more_rounds(parameter: str) -> Callable[[Any, Any, Any, int], Any]:
    """Give what adds rounds to a fitted estimator of scikit-learn with ``warm_start``, set by this parameter."""

    def go(estimator: Any, x: Any, y: Any, rounds: int) -> Any:
        from copy import deepcopy

        grown = deepcopy(estimator)
        grown.set_params(warm_start=True, **{parameter: getattr(grown, parameter) + rounds})
        return grown.fit(x, y).set_params(warm_start=False)

    return go
