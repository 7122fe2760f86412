"""CatBoost: gradient boosting of symmetric trees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from phishcli.models.abilities import Continuing, Monotone, Weight
from phishcli.models.space import FloatRange, IntRange
from phishcli.models.spec import ModelSpec

if TYPE_CHECKING:
    from catboost import CatBoostClassifier


LIBRARY = {
    "iterations": 1000,
    "learning_rate": 0.03,
    "depth": 6,
    "l2_leaf_reg": 3.0,
    "random_strength": 1.0,
    "bagging_temperature": 1.0,
    "border_count": 254,
    "min_data_in_leaf": 1,
    "rsm": 1.0,
    "auto_class_weights": None,
}
"""Parameters that can be set, as the library has them; it names only those that were given."""


def _new(seed: int) -> CatBoostClassifier:
    from catboost import CatBoostClassifier

    own = {"random_seed": seed, "thread_count": 1, "allow_writing_files": False, "verbose": False}
    return CatBoostClassifier(**own, **LIBRARY)


def _with_categories(estimator: CatBoostClassifier, places: Sequence[int]) -> tuple[CatBoostClassifier, dict[str, Any]]:
    from phishcli.models.catboost_codes import CatBoostOnCodes

    return CatBoostOnCodes(**{**estimator.get_params(), "cat_features": list(places)}), {}


def _contributions(estimator: CatBoostClassifier, x: Any) -> Any:
    from phishcli.models.catboost_codes import as_pool

    pool = as_pool(x, estimator.get_params().get("cat_features"))
    return estimator.get_feature_importance(pool, type="ShapValues", thread_count=1)[:, :-1]


def _more_trees(estimator: CatBoostClassifier, x: Any, y: Any, rounds: int) -> Any:
    from sklearn.base import clone

    grown: Any = clone(estimator).set_params(iterations=rounds)
    return grown.fit(x, y, init_model=estimator)


SPEC = ModelSpec(
    name="CatBoost",
    title="CatBoost",
    note="Symmetric trees, and ordered boosting on small tables. 269 MB to install: the extra phishcli[catboost].",
    new=_new,
    takes=("missing", "categories", "weights"),
    with_categories=_with_categories,
    defaults={"iterations": 300, "learning_rate": 0.05, "depth": 6},
    space={
        "iterations": IntRange(100, 600),
        "learning_rate": FloatRange(0.01, 0.3, log=True),
        "depth": IntRange(4, 9),
        "l2_leaf_reg": FloatRange(1.0, 10.0, log=True),
    },
    portfolio=(
        {"learning_rate": 0.03, "depth": 6, "iterations": 600},
        {"learning_rate": 0.03, "depth": 6, "iterations": 1000},
        {"learning_rate": 0.08, "depth": 4, "l2_leaf_reg": 5.0, "iterations": 400},
        {"learning_rate": 0.05, "depth": 8, "l2_leaf_reg": 3.0, "rsm": 0.6, "iterations": 300},
        {"learning_rate": 0.1, "depth": 6, "random_strength": 2.0, "rsm": 0.8, "iterations": 300},
        {"learning_rate": 0.1, "depth": 2, "iterations": 600},
    ),
    libraries=("catboost",),
    install='pip install "phishcli[catboost]"',
    workers="threads",
    monotone=Monotone("monotone_constraints"),
    contributions=_contributions,
    weight=Weight(row=100, value=6),
    continues=(Continuing("trees", "adds trees that correct the old ones on the new rows", _more_trees),),
    effort=3.5,
)
