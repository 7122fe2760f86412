"""Fits on a matrix that is larger than memory, by passes over blocks of its rows, to what scikit-learn would find."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline

    Floats = NDArray[np.float64]

BLOCK_ROWS = 16_384
"""Rows that are brought to float64 at once."""
HALVINGS = 21
"""How often a step is halved before it counts as failed, as in scikit-learn."""
ARMIJO = 0.00048828125
"""The share of the expected decrease of the loss that a step must bring, as in scikit-learn."""


def fit_newton(estimator: LogisticRegression, x: NDArray[np.float32], y: NDArray[np.int8]) -> None:
    """Fit a logistic regression by Newton's method, as scikit-learn's ``newton-cholesky`` does on a matrix in memory.

    The loss, its gradient and its Hessian are sums over rows, and so they are added up block by block; steps, line
    search and the test of convergence are those of scikit-learn, so that the results agree up to rounding.

    Parameters
    ----------
    estimator
        An unfitted estimator with an L2 penalty and without weights of classes.
    x, y
        Shape (n, k) and (n,): 1 = positive class.
    """
    params = estimator.get_params()
    penalty = 1 / (params["C"] * len(x))
    at = _losses(x, y, np.zeros(x.shape[1] + 1), penalty, intercept=params["fit_intercept"])
    done, iterations = False, 0
    while iterations < params["max_iter"] and not done:
        iterations += 1
        direction = _direction(at)
        before, at = at, _line_search(x, y, at, direction, penalty, intercept=params["fit_intercept"])
        small = float(np.abs(at.gradient).max()) <= params["tol"]
        done = small and float(direction @ before.hessian @ direction) / 2 <= params["tol"]
    if not done:
        _warn(iterations)
    estimator.classes_, estimator.n_features_in_ = np.array([0, 1], dtype=y.dtype), x.shape[1]
    estimator.coef_, estimator.intercept_ = at.coef[None, :-1].copy(), at.coef[-1:].copy()
    estimator.n_iter_ = np.array([iterations], dtype=np.int32)


class _At(NamedTuple):
    """The mean loss, its gradient and its Hessian at coefficients, of which the last one is the intercept."""

    coef: Floats
    loss: float
    gradient: Floats
    hessian: Floats


def _losses(x: NDArray[np.float32], y: NDArray[np.int8], coef: Floats, penalty: float, *, intercept: bool) -> _At:
    size = len(coef)
    loss, gradient, hessian = 0.0, np.zeros(size), np.zeros((size, size))
    for rows, labels in _blocks(x, y, intercept=intercept):
        margin = rows @ coef
        share = 1 / (1 + np.exp(-np.abs(margin)))
        probability = np.where(margin >= 0, share, 1 - share)
        loss += float(np.sum(np.logaddexp(0, margin) - labels * margin))
        gradient += rows.T @ (probability - labels)
        hessian += rows.T @ (rows * (probability * (1 - probability))[:, None])
    bound = np.append(np.full(size - 1, penalty), 0.0)
    return _At(
        coef,
        loss / len(x) + float(bound @ coef**2) / 2,
        gradient / len(x) + bound * coef,
        hessian / len(x) + np.diag(bound),
    )


def _blocks(
    x: NDArray[np.float32], y: NDArray[np.int8], *, intercept: bool
) -> Iterator[tuple[Floats, NDArray[np.int8]]]:
    """Give the rows in float64, with a column of ones for the intercept, or of zeros without one."""
    for begin in range(0, len(x), BLOCK_ROWS):
        part = x[begin : begin + BLOCK_ROWS]
        rows = np.empty((len(part), x.shape[1] + 1))
        rows[:, :-1], rows[:, -1] = part, float(intercept)
        yield rows, y[begin : begin + BLOCK_ROWS]


def _direction(at: _At) -> Floats:
    """Newton's step; the smallest one where several would do, as without an intercept."""
    found: Floats = np.linalg.lstsq(at.hessian, -at.gradient, rcond=None)[0].astype(np.float64)
    return found


def _line_search(
    x: NDArray[np.float32], y: NDArray[np.int8], at: _At, direction: Floats, penalty: float, *, intercept: bool
) -> _At:
    """Halve the step until the loss falls as it should; in sight of the minimum rounding is allowed for."""
    expected = float(at.gradient @ direction)
    allowed = 16 * np.finfo(np.float64).eps * abs(at.loss)
    step, found = 1.0, at
    for _ in range(HALVINGS):
        found = _losses(x, y, at.coef + step * direction, penalty, intercept=intercept)
        if found.loss - at.loss <= ARMIJO * step * expected + allowed:
            return found
        step /= 2
    return found


def _warn(iterations: int) -> None:
    from sklearn.exceptions import ConvergenceWarning

    warnings.warn(f"Newton's method did not converge in {iterations:,} iterations", ConvergenceWarning, stacklevel=2)


def fit_bayes(estimator: Pipeline, x: NDArray[np.float32], y: NDArray[np.int8]) -> None:
    """Fit the quantiles on the rows that scikit-learn would draw, then means and variances of each class in two passes.

    Parameters
    ----------
    estimator
        Steps ``scale`` (a `QuantileTransformer`) and ``model`` (a `GaussianNB`), unfitted.
    x, y
        Shape (n, k) and (n,).
    """
    from sklearn.utils import resample

    scale, model = estimator.named_steps["scale"], estimator.named_steps["model"]
    drawn = min(scale.subsample, len(x))
    rows = resample(np.arange(len(x)), replace=False, n_samples=drawn, random_state=scale.random_state)
    scale.fit(x[np.sort(rows)].astype(np.float64))
    counts = np.bincount(y, minlength=2).astype(np.float64)
    means = _sums(scale, x, y, lambda part, _: part) / counts[:, None]
    deviations = _sums(scale, x, y, lambda part, labels: (part - means[labels]) ** 2) / counts[:, None]
    share = counts / counts.sum()
    overall = share @ means
    variance = share @ (deviations + (means - overall) ** 2)
    model.epsilon_ = model.var_smoothing * variance.max()
    model.classes_, model.class_count_, model.class_prior_ = np.array([0, 1], dtype=y.dtype), counts, share
    model.theta_, model.var_, model.n_features_in_ = means, deviations + model.epsilon_, x.shape[1]


def _sums(scale: Any, x: NDArray[np.float32], y: NDArray[np.int8], of: Any) -> Floats:
    """Add up something of the scaled rows for each class, shape (2, k)."""
    totals = np.zeros((2, x.shape[1]))
    for begin in range(0, len(x), BLOCK_ROWS):
        labels = y[begin : begin + BLOCK_ROWS]
        values = of(scale.transform(x[begin : begin + BLOCK_ROWS].astype(np.float64)), labels)
        for label in (0, 1):
            totals[label] += values[labels == label].sum(axis=0)
    return totals
