"""From the settings of ``preprocess`` to a strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phishcli.documents.features import Strategy

if TYPE_CHECKING:
    from phishcli.config.schema import ModelPreprocessConfig, PreprocessConfig


def strategy_of(settings: PreprocessConfig) -> Strategy:
    """The settings for all models that say how columns become features, and whether classes are balanced."""
    return Strategy(**named_settings(settings))


def named_settings(settings: PreprocessConfig | ModelPreprocessConfig) -> dict[str, Any]:
    """The settings by the fields of a strategy; of a model those that are set."""
    from phishcli.config.schema import PreprocessConfig

    numeric, categorical, select = settings.numeric, settings.categorical, settings.select
    found = {
        "impute": numeric.impute,
        "clip": numeric.clip,
        "log": numeric.log,
        "scale": numeric.scale,
        "encode": categorical.encode,
        "rare": categorical.rare,
        "interactions": settings.interactions,
        "select": select.by,
        "keep": select.keep,
        "balance": settings.balance,
    }
    if found["select"] == "none":
        del found["keep"]  # it means nothing
    given = found if isinstance(settings, PreprocessConfig) else {k: v for k, v in found.items() if v is not None}
    return {name: None if name in ("clip", "rare") and value == "none" else value for name, value in given.items()}
