"""One encoded row to its score: the quickest exact way that each kind of model has.

Measured on one core: LightGBM's own call takes 16 µs, where treelite takes 31; XGBoost's own takes 107, where treelite
takes 33; forests and gradient boosting of scikit-learn take milliseconds, where treelite takes some tens of µs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phishcli.evaluation.calibration_map import LARGEST
from phishcli.models.mean import LEAST, MeanScore, mean_of
from phishcli.models.own_format import PositiveClass, Score
from phishcli.models.view import ScoreOfView

ScoreOne = Callable[[Sequence[float]], float]
"""From the outputs of the encoder to the score."""
PROBED = 512
TOLERANCE = 1e-6
INSTALL = 'pip install "phishcli[fast]"'


class Found(NamedTuple):
    """The way that was found, its function, why it is the slow one, if it is, and the same way for many rows.

    A row alone has to the bit the score that it has among others of ``many``, where there is one; the model itself adds
    trees up in another order.
    """

    way: str
    score: ScoreOne
    why_slow: str | None = None
    many: Score | None = None


def score_one(score: Score, width: int) -> Found:
    """Find the quickest way to score a single row of ``width`` outputs, and prove it on random rows.

    Parameters
    ----------
    score
        The score of a bundle.
    width
        The number of outputs of its encoder.
    """
    try:
        found = _find(score)
    except ImportError:
        return Found("arrays", _by_array(score), f"treelite is not installed: {INSTALL}")
    except Exception as error:  # noqa: BLE001 (treelite refuses models in many ways)
        return Found("arrays", _by_array(score), f"treelite cannot read this model ({type(error).__name__})")
    if found.why_slow is None and (difference := _difference(found.score, score, width)) > TOLERANCE:
        return Found("arrays", _by_array(score), f"{found.way} differs by {difference:.1g} from the model itself")
    return found


def _find(score: Score) -> Found:
    if isinstance(score, PositiveClass):
        return _of_estimator(score)
    if isinstance(score, MeanScore):
        return _of_mean(score)
    if isinstance(score, ScoreOfView):
        return _of_view(score)
    booster = getattr(getattr(score, "func", None), "__self__", None)
    library = type(booster).__module__.partition(".")[0]
    if library == "lightgbm":
        return Found("lightgbm", _by_array(score))
    if library == "xgboost":
        return _of_xgboost(booster, score)
    return Found("arrays", _by_array(score), "the format of its library has no fast path")


def _of_mean(score: MeanScore) -> Found:
    """The mean of the quickest ways of its members; slow if one of them is."""
    found = [_find(each) for each in score.scores]
    slow = [f"{name}: {each.why_slow}" for name, each in zip(score.names, found, strict=True) if each.why_slow]
    weighted = [(each.score, weight) for each, weight in zip(found, score.weights, strict=True)]
    way = " + ".join(dict.fromkeys(each.way for each in found))
    many = [each.many or whole for each, whole in zip(found, score.scores, strict=True)]
    return Found(
        way,
        _mean(weighted) if score.intercept is None else _stacked(weighted, score.intercept),
        slow[0] if slow else None,
        lambda matrix: mean_of(many, score.weights, matrix, score.intercept),
    )


def _mean(weighted: Sequence[tuple[ScoreOne, float]]) -> ScoreOne:
    """The mean of members by their weights."""

    def one(outputs: Sequence[float]) -> float:
        total = 0.0
        for member, weight in weighted:
            total += weight * member(outputs)
        return total

    return one


def _stacked(weighted: Sequence[tuple[ScoreOne, float]], intercept: float) -> ScoreOne:
    """The logistic regression on the log odds of members."""

    def one(outputs: Sequence[float]) -> float:
        total = intercept
        for member, weight in weighted:
            kept = min(max(member(outputs), LEAST), 1 - LEAST)
            total += weight * math.log(kept / (1 - kept))
        return 1 / (1 + math.exp(-total)) if total > -LARGEST else 0.0

    return one


def _of_view(score: ScoreOfView) -> Found:
    """The quickest way of the model, fed with what it sees."""
    found, places = _find(score.score), list(score.places)
    many = found.many

    def one(outputs: Sequence[float]) -> float:
        return found.score([outputs[place] for place in places])

    def each(matrix: NDArray[np.float32]) -> Any:
        return many(np.ascontiguousarray(matrix[:, places])) if many else score(matrix)

    return Found(found.way, one, found.why_slow, each if many else None)


def _of_estimator(score: PositiveClass) -> Found:
    estimator = score.estimator
    name = type(estimator[-1] if hasattr(estimator, "steps") else estimator).__name__
    if name == "LogisticRegression" and hasattr(estimator, "coef_"):
        return Found("formula", _linear(estimator))
    if not hasattr(estimator, "estimators_") and not hasattr(estimator, "_predictors"):
        return Found("arrays", _by_array(score), f"{name} has no fast path; its own call is used")
    from treelite import sklearn

    return _by_trees(sklearn.import_model(estimator))


def _of_xgboost(booster: Any, score: Score) -> Found:
    """Compile the rounds that the model uses; after early stopping it has more."""
    try:
        from treelite import frontend
    except ImportError:
        return Found("xgboost", _by_array(score))
    first, last = score.keywords["iteration_range"]  # type: ignore[attr-defined]  # a partial, looked at before
    return _by_trees(frontend.from_xgboost(booster[first:last] if last else booster))


def _by_array(score: Score) -> ScoreOne:
    return lambda outputs: float(score(np.array([outputs], dtype=np.float32))[0])


def _by_trees(model: Any) -> Found:
    from treelite.gtil import predict

    def score(outputs: Sequence[float]) -> float:
        return float(predict(model, np.array([outputs], dtype=np.float32), nthread=1).flat[-1])

    def many(matrix: NDArray[np.float32]) -> Any:
        return predict(model, matrix, nthread=1)[:, 0, -1]

    return Found("treelite", score, many=many)


def _linear(estimator: Any) -> ScoreOne:
    weights: NDArray[Any] = estimator.coef_.T
    intercept = float(estimator.intercept_[0])

    def score(outputs: Sequence[float]) -> float:
        odds = float((np.array([outputs], dtype=np.float32) @ weights)[0, 0]) + intercept
        return 1 / (1 + math.exp(-odds)) if odds > -LARGEST else 0.0

    return score


def _difference(one: ScoreOne, many: Score, width: int) -> float:
    """Compare with the model itself on random rows, some of them far outside of anything seen."""
    rng = np.random.default_rng(0)
    rows = rng.normal(scale=np.repeat([1, 3, 1e3, 1e30], PROBED // 4)[:, None], size=(PROBED, width))
    matrix = rows.astype(np.float32)
    alone = np.array([one(row) for row in matrix.tolist()])
    return float(np.max(np.abs(alone - many(matrix)), initial=0.0))
