"""The strategy of each model: its own settings of ``preprocess`` before those for all, as far as it can take them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.documents.features import Strategy
from phishcli.features.strategies import named_settings, strategy_of
from phishcli.models import combined, get

if TYPE_CHECKING:
    from phishcli.config.schema import ModelPreprocessConfig, PreprocessConfig
    from phishcli.models import ModelSpec

LEFT_ALONE = {"impute": "median", "encode": "onehot", "balance": "none"}
"""What a model gets in place of a setting for all models that it cannot take."""


def strategy_for(settings: PreprocessConfig, model: str) -> Strategy:
    """The strategy of a model: its own settings before those for all, as far as it can take them."""
    common = named_settings(settings)
    own = named_settings(settings.models[model]) if model in settings.models else {}
    common |= {name: LEFT_ALONE[name] for name in refused(get(model), common)}
    return Strategy(**{**common, **own})


def strategies_for(settings: PreprocessConfig, models: Iterable[str]) -> tuple[Strategy, ...]:
    """The different strategies of some models, in an order that does not depend on theirs."""
    found = {strategy_for(settings, model) for model in models if model not in combined()}
    common = strategy_of(settings)
    return tuple(sorted(found, key=lambda each: (each != common, msgspec.json.encode(each)))) or (common,)


def refused(spec: ModelSpec, asked: dict[str, Any]) -> list[str]:
    """The settings that a model cannot take."""
    found = {
        "impute": asked.get("impute") == "none" and "missing" not in spec.takes,
        "encode": asked.get("encode") == "native" and "categories" not in spec.takes,
        "balance": asked.get("balance") == "weights" and "weights" not in spec.takes,
    }
    return [name for name, cannot in found.items() if cannot]


REFUSED = {
    "impute": ("numeric.impute", "none", "takes no missing values"),
    "encode": ("categorical.encode", "native", "takes no categories"),
    "balance": ("balance", "weights", "takes no weights"),
}


def impossible(own: ModelPreprocessConfig, model: str) -> list[tuple[str, str, str]]:
    """The settings of one model that it cannot take: the key, the value, and why."""
    return [REFUSED[name] for name in refused(get(model), named_settings(own))]
