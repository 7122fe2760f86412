"""LightGBM: gradient boosting that grows its trees leaf by leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.models.spec import FloatRange, IntRange, ModelSpec

if TYPE_CHECKING:
    from lightgbm import LGBMClassifier


def _new(seed: int) -> LGBMClassifier:
    from lightgbm import LGBMClassifier

    return LGBMClassifier(random_state=seed, n_jobs=1, deterministic=True, force_row_wise=True, verbosity=-1)


SPEC = ModelSpec(
    name="LightGBM",
    title="LightGBM",
    note="subsample_freq is 1 because LightGBM ignores subsample at its own default of 0.",
    new=_new,
    defaults={"n_estimators": 100, "learning_rate": 0.1, "num_leaves": 31, "subsample_freq": 1},
    space={
        "n_estimators": IntRange(50, 300),
        "learning_rate": FloatRange(0.01, 0.31),
        "max_depth": IntRange(3, 9),
        "num_leaves": IntRange(20, 99),
        "min_child_samples": IntRange(10, 49),
        "subsample": FloatRange(0.6, 1.0),
        "colsample_bytree": FloatRange(0.6, 1.0),
    },
    libraries=("lightgbm",),
    install="pip install lightgbm",
)
