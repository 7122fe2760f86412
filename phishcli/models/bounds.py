"""How low and how high the probability of a fitted model can be while columns of its matrix vary within a box.

For a linear model the bounds are exact. For trees they are sound: every leaf that some point of the box reaches is
considered, tree by tree, so that the true range lies within, and may be narrower where trees exclude each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from phishcli.models.mean import log_odds, squashed
from phishcli.models.own_format import PositiveClass
from phishcli.models.view import ScoreOfView, of_view, without_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating]
    Range = tuple[NDArray[np.float64], NDArray[np.float64]]

Bounds = Callable[["Floats", "Floats"], "Range"]
"""From the lowest and the highest values of n boxes, shape (n, k) each, to the lowest and the highest probabilities."""
INSTALL = 'pip install "phishcli[fast]"'
LESS = 2
"""treelite's number for ``<``; with any other one a row goes left that is lower or equal."""
BY_CATEGORY = 2
"""treelite's number for a node that asks whether a value is among some categories."""
LINEAR = ("LogisticRegression",)
PROBED = 64
ROUNDING = 1e-6
"""By how much probabilities in float32 may differ from the same sum in float64."""


class NoBounds(ValueError):
    """There are no bounds for this kind of model; says why."""


def bounds_of(score: Any, width: int) -> Bounds:
    """Find the bounds of a score, and compare them with the score itself on random rows.

    Parameters
    ----------
    score
        The score of a fitted estimator or of a release.
    width
        The number of columns of its matrix.

    Raises
    ------
    NoBounds
        When there are none for models of this kind, or treelite, which reads trees, is not installed.
    """
    found = _found(score, width)
    rng = np.random.default_rng(0)
    rows = rng.normal(scale=np.repeat([1, 3, 100, 1e30], PROBED // 4)[:, None], size=(PROBED, width))
    rows = np.concatenate([rows, rng.integers(0, 2, (PROBED, width))]).astype(np.float32)
    low, high = found(rows, rows)
    true = np.asarray(score(rows), dtype=np.float64)
    if np.any(true < low) or np.any(true > high) or float(np.max(high - low)) > 2 * len(rows) * ROUNDING:
        raise NoBounds("the model as read does not reproduce its own probabilities")
    return found


def _found(score: Any, width: int) -> Bounds:
    if isinstance(score, ScoreOfView):
        return _of_view(_found(score.score, len(score.places)), list(score.places))
    if hasattr(score, "weights") and hasattr(score, "scores"):
        members = score.scores() if callable(score.scores) else score.scores
        parts = [_found(each, width) for each in members]
        return _mean(parts, score.weights) if score.intercept is None else _level(parts, score.weights, score.intercept)
    estimator = score.estimator if isinstance(score, PositiveClass) else None
    if hasattr(estimator, "weights") and hasattr(estimator, "scores"):
        return _found(estimator, width)
    inner, places = without_view(estimator)
    if places is not None:
        return _found(of_view(PositiveClass(inner), places), width)
    if type(estimator).__name__ in LINEAR:
        return _linear(estimator)
    return _of_trees(_read(score, estimator))


def _mean(parts: Sequence[Bounds], weights: Sequence[float]) -> Bounds:
    def bounds(low: Floats, high: Floats) -> Range:
        ranges = [part(low, high) for part in parts]
        lows, highs = zip(*ranges, strict=True)
        return _widened(np.average(lows, axis=0, weights=weights), np.average(highs, axis=0, weights=weights))

    return bounds


def _level(parts: Sequence[Bounds], weights: Sequence[float], intercept: float) -> Bounds:
    """A linear second level: a member with a negative weight is at its worst where its own probability is highest."""

    def bounds(low: Floats, high: Floats) -> Range:
        ranges = [(log_odds(least), log_odds(most)) for least, most in (part(low, high) for part in parts)]
        pairs = list(zip(weights, ranges, strict=True))
        least = sum((weight * (ends[0] if weight > 0 else ends[1]) for weight, ends in pairs), np.zeros(len(low)))
        most = sum((weight * (ends[1] if weight > 0 else ends[0]) for weight, ends in pairs), np.zeros(len(low)))
        return _widened(squashed(least + intercept), squashed(most + intercept))

    return bounds


def _of_view(inner: Bounds, places: list[int]) -> Bounds:
    def bounds(low: Floats, high: Floats) -> Range:
        return inner(low[:, places], high[:, places])

    return bounds


def _linear(estimator: Any) -> Bounds:
    weights, constant = estimator.coef_[0].astype(np.float64), float(estimator.intercept_[0])
    up, down = np.clip(weights, 0, None), np.clip(weights, None, 0)

    def bounds(low: Floats, high: Floats) -> Range:
        low, high = low.astype(np.float64), high.astype(np.float64)
        least = low @ up + high @ down + constant
        most = high @ up + low @ down + constant
        return _widened(_sigmoid(least), _sigmoid(most))

    return bounds


def _read(score: Any, estimator: Any) -> Any:
    """Read the trees of a model with treelite."""
    try:
        from treelite import frontend, sklearn
    except ImportError as error:
        raise NoBounds(f"treelite is not installed: {INSTALL}") from error
    booster: Any = getattr(getattr(score, "func", None), "__self__", None)
    if hasattr(estimator, "get_booster"):
        booster = estimator.get_booster()
    library = type(booster or estimator).__module__.partition(".")[0]
    try:
        if library == "xgboost":
            best = booster.attr("best_iteration")
            return frontend.from_xgboost(booster[: int(best) + 1] if best else booster)
        if library == "lightgbm":
            return frontend.from_lightgbm(booster or estimator.booster_)
        if hasattr(estimator, "estimators_") or hasattr(estimator, "_predictors"):
            return sklearn.import_model(estimator)
    except Exception as error:  # treelite refuses models in many ways
        raise NoBounds(f"treelite cannot read the model ({type(error).__name__})") from error
    raise NoBounds("there are none for models of this kind")


class Tree(msgspec.Struct, frozen=True):
    """The nodes of one tree: children (-1 at a leaf), what is compared with which threshold, and values of leaves."""

    left: Sequence[int]
    right: Sequence[int]
    column: Sequence[int]
    threshold: Sequence[float]
    strict: Sequence[bool]
    value: Sequence[float]

    def bounds(self, low: Floats, high: Floats) -> Range:
        """The lowest and the highest value of the leaves that a point of each of n boxes reaches."""
        least, most = np.full(len(low), np.inf), np.full(len(low), -np.inf)
        todo = [(0, np.ones(len(low), dtype=bool))]
        while todo:
            node, here = todo.pop()
            if self.left[node] < 0:
                value = self.value[node]
                np.minimum(least, value, out=least, where=here)
                np.maximum(most, value, out=most, where=here)
                continue
            column, threshold = self.column[node], self.threshold[node]
            from_, to = low[:, column], high[:, column]
            lower = here & (from_ < threshold if self.strict[node] else from_ <= threshold)
            upper = here & (to >= threshold if self.strict[node] else to > threshold)
            both = (self.left[node], lower), (self.right[node], upper)
            todo += [(child, rows) for child, rows in both if rows.any()]
        return least, most


def _of_trees(model: Any) -> Bounds:
    trees = [_tree(model.get_tree_accessor(number)) for number in range(model.num_tree)]
    head = model.get_header_accessor()
    averaged = bool(head.get_field("average_tree_output")[0])
    linked = str(head.get_field("postprocessor")) == "sigmoid"
    base = float(head.get_field("base_scores")[-1])
    alpha = float(head.get_field("sigmoid_alpha")[0])
    size = sum(max(map(abs, tree.value)) for tree in trees) + abs(base)
    slack = size * (len(trees) + 2) * float(np.finfo(np.float32).eps)

    def bounds(low: Floats, high: Floats) -> Range:
        low, high = _known(low, -np.inf), _known(high, np.inf)
        found = [tree.bounds(low, high) for tree in trees]
        shared = len(trees) if averaged else 1
        least, most = (np.sum([each[end] for each in found], axis=0) / shared + base for end in (0, 1))
        if linked:
            least, most = _sigmoid(alpha * (least - slack)), _sigmoid(alpha * (most + slack))
        return _widened(least, most)

    return bounds


def _tree(nodes: Any) -> Tree:
    left = nodes.get_field("cleft").tolist()
    if np.any(nodes.get_field("node_type") == BY_CATEGORY):
        raise NoBounds("its trees split on categories, which have no order")
    values = nodes.get_field("leaf_value").astype(np.float64)
    several = nodes.get_field("leaf_vector")
    if len(several):  # a share for each class; the last one is that of the positive class
        values = np.zeros(len(left))
        ends = nodes.get_field("leaf_vector_end").astype(np.int64)
        leaves = np.asarray(left) < 0
        values[leaves] = several[ends[leaves] - 1]
    return Tree(
        left,
        nodes.get_field("cright").tolist(),
        nodes.get_field("split_index").tolist(),
        nodes.get_field("threshold").astype(np.float64).tolist(),
        (nodes.get_field("cmp") == LESS).tolist(),
        values.tolist(),
    )


def _known(ends: Floats, end: float) -> NDArray[np.float64]:
    """Ends of boxes as float64; a missing value may go either way at any node, as all values together do."""
    wide = ends.astype(np.float64)
    wide[np.isnan(wide)] = end
    return wide


def _sigmoid(odds: Any) -> NDArray[np.float64]:
    from scipy.special import expit

    return np.asarray(expit(odds), dtype=np.float64)


def _widened(low: Any, high: Any) -> Range:
    return np.maximum(low - ROUNDING, 0.0), np.minimum(high + ROUNDING, 1.0)
