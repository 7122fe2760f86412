"""Logistic regression: the linear baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phishcli.models.space import Choice, FloatRange, IntRange
from phishcli.models.spec import ModelSpec

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression


def _new(seed: int) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(random_state=seed)


def _contributions(estimator: LogisticRegression, x: Any) -> Any:
    return (x - x.mean(axis=0)) * estimator.coef_


SPEC = ModelSpec(
    name="LogisticRegression",
    title="Logistic Regression",
    note="Linear in the scaled features. Fitted in float64, where lbfgs converges reliably on heavy tails.",
    new=_new,
    defaults={"max_iter": 1000},
    space={
        "C": FloatRange(1e-3, 1e2, log=True),
        "solver": Choice(("lbfgs", "liblinear")),
        "max_iter": IntRange(1000, 3000),
    },
    libraries=("scikit-learn", "scipy"),
    dtype="float64",
    contributions=_contributions,
    complexity=1,
)
