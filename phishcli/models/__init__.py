"""The models: one small file each, discovered; importing them loads no machine-learning library.

To add a model, add one file here:

1. a function ``_new(seed)`` that imports the library and returns a scikit-learn compatible classifier: seeded, on one
   thread (``run.jobs`` fits run in parallel), silent, with ``predict_proba``, and loadable with its library alone;
2. ``SPEC = ModelSpec(name=..., title=..., note=..., new=_new, defaults={...}, space={...})``; a library other than
   scikit-learn is named in ``libraries`` and ``install``. For speed, see ``workers``, ``own_threads`` and ``rounds`` of
   `ModelSpec` (``random_forest.py`` has all three).

There is no other list: the configuration, the search, the cache and ``tests/models/test_contract.py``, which every
model must pass, use `registry`. Then add the model to ``configs/best.yaml`` and run ``make docs`` and ``python
tests/test_stage_versions.py``; no version changes, since no existing artifact does.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from phishcli.errors import ConfigError, suggestion
from phishcli.models.abilities import EarlyStopping
from phishcli.models.combined import combined
from phishcli.models.space import Choice, FloatRange, IntRange, Space
from phishcli.models.spec import ModelSpec

__all__ = ["Choice", "EarlyStopping", "FloatRange", "IntRange", "ModelSpec", "Space"]
__all__ += ["combined", "find", "get", "registry"]


SHARED: tuple[str, ...] = ("abilities", "balance", "blocks", "bounds", "catboost_codes", "combined", "large", "mean")
SHARED += ("monotone", "own_format", "safe", "space", "spec", "staged", "view")
"""Modules of this package that hold no model."""


@cache
def registry() -> dict[str, ModelSpec]:
    """Collect the ``SPEC`` of every other module in this package, by name, in alphabetical order."""
    names = [found.name for found in iter_modules(__path__) if found.name not in SHARED]
    specs: list[ModelSpec] = [import_module(f"{__name__}.{name}").SPEC for name in names]
    return {spec.name: spec for spec in sorted(specs, key=lambda spec: spec.name)}


def find(name: str) -> ModelSpec | None:
    """Look a model up, one that is combined from others included; None where there is none of that name."""
    return {**registry(), **combined()}.get(name)


def get(name: str) -> ModelSpec:
    """Look a model up, one that is combined from others included.

    Raises
    ------
    ConfigError
        When there is none of that name; the nearest is suggested.
    """
    if (found := find(name)) is None:
        hint = suggestion(name, {**registry(), **combined()}, "models")
        raise ConfigError(f"There is no model {name!r}", where="train.models", hint=hint)
    return found
