"""Logistic regression: the linear baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phishcli.models.space import Choice, FloatRange, IntRange
from phishcli.models.spec import ModelSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sklearn.linear_model import LogisticRegression


NARROW = 300
"""Features up to which Newton's method costs little even where lbfgs converges well (decision 27)."""
NEEDS_OTHER = {"solver", "penalty", "l1_ratio", "dual", "intercept_scaling"}
"""Parameters that choose a solver, or that Newton's method may not know."""


def _new(seed: int) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(random_state=seed)


def _solver(params: Mapping[str, Any], columns: int) -> dict[str, Any]:
    """Newton's method unless a parameter speaks against it: about ten iterations, however unequal the scales are.

    Its cost grows with the square of the number of columns, so that lbfgs is faster from some hundreds on.
    """
    return {} if columns > NARROW or NEEDS_OTHER & params.keys() else {"solver": "newton-cholesky"}


def _contributions(estimator: LogisticRegression, x: Any) -> Any:
    return (x - x.mean(axis=0)) * estimator.coef_


def _fit_blocks(estimator: LogisticRegression, x: Any, y: Any) -> bool:
    from phishcli.models.large import fit_newton

    given = estimator.get_params()
    if given["solver"] != "newton-cholesky" or given["class_weight"] is not None:
        return False
    fit_newton(estimator, x, y)
    return True


SPEC = ModelSpec(
    name="LogisticRegression",
    title="Logistic Regression",
    note="Linear in the scaled features. Fitted in float64, by Newton's method up to 300 features.",
    new=_new,
    defaults={"max_iter": 1000},
    for_width=_solver,
    space={
        "C": FloatRange(1e-3, 1e2, log=True),
        "solver": Choice(("lbfgs", "liblinear")),
        "max_iter": IntRange(1000, 3000),
    },
    portfolio=({"C": 0.1}, {"C": 10.0}, {"C": 0.01}, {"C": 100.0}),
    libraries=("scikit-learn", "scipy"),
    dtype="float64",
    contributions=_contributions,
    weight=None,
    fit_blocks=_fit_blocks,
    complexity=1,
    in_blocks=4096,
    effort=0.05,
)
