"""XGBoost: regularised gradient boosting on histograms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.models.spec import FloatRange, IntRange, ModelSpec

if TYPE_CHECKING:
    from xgboost import XGBClassifier


def _new(seed: int) -> XGBClassifier:
    from xgboost import XGBClassifier

    return XGBClassifier(random_state=seed, n_jobs=1, tree_method="hist", verbosity=0)


SPEC = ModelSpec(
    name="XGBoost",
    title="XGBoost",
    note="The published winner on the real data.",
    new=_new,
    defaults={"n_estimators": 100, "learning_rate": 0.1, "max_depth": 5},
    space={
        "n_estimators": IntRange(100, 300),
        "learning_rate": FloatRange(0.05, 0.20),
        "max_depth": IntRange(3, 6),
        "subsample": FloatRange(0.8, 1.0),
        "colsample_bytree": FloatRange(0.8, 1.0),
    },
    libraries=("xgboost",),
    install="pip install xgboost-cpu (on macOS: xgboost)",
)
