"""The graph of steps that a configuration draws: what each depends on, and what it reads of which other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from phishcli.address import shown
from phishcli.config.load import without_secrets
from phishcli.errors import ConfigError
from phishcli.models import registry

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.sources.locate import LocalSource

STAGES = ("load", "preprocess", "audit", "gap", "train", "evaluate", "explain", "report", "persist")
"""The stages in the order of the flow; all but ``gap``, a part of ``phish audit``, are commands."""


@dataclass(frozen=True)
class Step:
    """One node of the graph: what it depends on, by name.

    ``reads`` maps a step to the files of its artifact whose content matters; ``libraries`` are distributions whose
    version shapes the output; ``source`` is what is known of the content of the source, where the step depends on it.
    ``failed`` are the models that came to nothing, with their reasons: told, but no part of what makes a step stale,
    since a library may word the same failure differently each time.
    """

    name: str
    settings: Mapping[str, Any]
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    libraries: tuple[str, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def stage(self) -> str:
        """The stage the step belongs to."""
        return self.name.partition("/")[0]

    @property
    def model(self) -> str:
        """The model the step is about; empty for steps over all models."""
        return self.name.partition("/")[2]


TABLES = ("numpy", "pandas", "pyarrow")
"""Distributions that shape a table on disk."""
FITTED = (*TABLES, "scikit-learn", "joblib", "python")
"""Distributions, and the interpreter, that shape a fitted object on disk."""


def steps(config: Config, source: LocalSource | None = None) -> tuple[Step, ...]:
    """Draw the graph for a configuration, in an order in which it can run.

    ``source`` is what is to be loaded, or None while it is not on this disk.
    """
    content = {
        "sha256": source.sha256 if source else "not on this disk yet",
        "synthetic": source.synthetic if source else None,
    }
    models = config.train.models
    return (
        _load(config, content),
        _preprocess(config),
        _audit(config),
        _gap(config),
        *(_train(config, model) for model in models),
        *(_evaluate(config, model) for model in models),
        _compare(config),
        *(_explain(config, model) for model in (models if config.evaluate.explain else ())),
        _report(config, content, source.origin if source else shown(config.load.source)),
        _persist(config, content),
    )


def _load(config: Config, content: Mapping[str, Any]) -> Step:
    split = config.preprocess.split
    keys = {"keys": {"group": split.group, "time": split.time}} if split.group or split.time else {}
    return Step("load", {**_table_settings(config), **keys}, libraries=TABLES, source=content)


def _preprocess(config: Config) -> Step:
    reads = {"load": ("features.parquet", "target.parquet", "schema.json")}
    return Step("preprocess", _section(config.preprocess), reads, FITTED)


def _audit(config: Config) -> Step:
    reads = {
        "load": ("features.parquet", "target.parquet", "keys.parquet", "schema.json", "audit.json"),
        "preprocess": ("split.parquet",),
    }
    return Step("audit", {"ignore": dict(config.audit.ignore)}, reads, FITTED)


def _gap(config: Config) -> Step:
    settings = {
        "preprocess": _section(config.preprocess),
        "seed": config.train.seed,
        "bootstrap": config.evaluate.model_dump(mode="json", include={"n_boot", "confidence", "seed"}),
    }
    reads = {"load": ("features.parquet", "target.parquet", "keys.parquet", "schema.json")}
    return Step("gap", settings, reads, FITTED)


def _train(config: Config, model: str) -> Step:
    reads = {"load": ("features.parquet", "schema.json"), "preprocess": ("train.parquet", "split.parquet")}
    return Step(f"train/{model}", _model_settings(config, model), reads, _libraries(model))


def _evaluate(config: Config, model: str) -> Step:
    reads = {
        "load": ("target.parquet",),
        "preprocess": ("test.parquet", "split.parquet"),
        f"train/{model}": ("model.joblib", "oof.parquet"),
    }
    settings = _section(config.evaluate, leave_out={*COMPARING, "explain"})
    return Step(f"evaluate/{model}", settings, reads, _libraries(model))


COMPARING = ("select_on", "select_by", "prefer", "by")
"""Settings of ``evaluate`` that concern all models together."""


def _compare(config: Config) -> Step:
    evaluate, models = config.evaluate, config.train.models
    settings = {
        **{name: value for name, value in _section(evaluate).items() if name in (*COMPARING, "confidence")},
        "models": list(models),  # their order decides ties
        **({"complexity": {m: registry()[m].complexity for m in models}} if evaluate.prefer == "simple" else {}),
    }
    timing = ("timing.json",) if evaluate.prefer == "fast" else ()
    reads = {
        "load": ("features.parquet", "target.parquet", "keys.parquet"),
        "audit": ("audit.json",),
        **{f"train/{model}": ("oof.parquet",) for model in models},
        **{
            f"evaluate/{model}": ("metrics.json", "predictions.parquet", "resamples.parquet", *timing)
            for model in models
        },
    }
    return Step("evaluate", settings, reads, (*TABLES, "scipy"))


def _explain(config: Config, model: str) -> Step:
    reads = {
        "load": ("features.parquet",),
        "preprocess": ("test.parquet", "split.parquet", "features.json"),
        f"train/{model}": ("model.joblib",),
    }
    return Step(f"explain/{model}", {"seed": config.evaluate.seed}, reads, _libraries(model))


def _report(config: Config, content: Mapping[str, Any], origin: str) -> Step:
    settings = {
        "origin": origin,
        "settings": without_secrets(config).model_dump(mode="json", exclude={"run", "persist"}),
    }
    reads = {
        "load": ("schema.json",),
        "audit": ("audit.json",),
        **({"gap": ("gap.json",)} if config.audit.gap else {}),
        "preprocess": ("features.json", "split.parquet"),
        "evaluate": ("selection.json", "segments.parquet", "suspects.csv"),
        **_scored(config),
        **{f"train/{model}": ("training.json",) for model in config.train.models},
        **({f"explain/{m}": ("explanations.json",) for m in config.train.models} if config.evaluate.explain else {}),
    }
    charts = ("altair", "vl-convert-python") if config.report.charts else ()
    return Step("report", settings, reads, ("jinja2", "rich", *charts), content)


def _persist(config: Config, content: Mapping[str, Any]) -> Step:
    settings = {
        "load": _table_settings(config),
        "preprocess": _section(config.preprocess),
        "train": {model: _model_settings(config, model) for model in config.train.models},
        "evaluate": _section(config.evaluate, leave_out={"by", "explain"}),
    }
    reads = {
        "load": ("schema.json",),
        "preprocess": ("preprocessor.joblib", "features.json"),
        "evaluate": ("selection.json",),
        **_scored(config),
        **{f"train/{model}": ("model.joblib",) for model in config.train.models},
    }
    return Step("persist", settings, reads, source=content)


def _scored(config: Config) -> dict[str, tuple[str, ...]]:
    return {f"evaluate/{model}": ("metrics.json",) for model in config.train.models}


def _libraries(model: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*FITTED, "scipy", *registry()[model].libraries)))


def _table_settings(config: Config) -> dict[str, Any]:
    """What ``load`` is told, except for where the table lies: its content is what counts."""
    return _section(config.load, leave_out={"source", "sha256"})


def _section(section: Any, leave_out: Collection[str] = ()) -> dict[str, Any]:
    return dict(section.model_dump(mode="json", exclude=set(leave_out)))


def _model_settings(config: Config, name: str) -> dict[str, Any]:
    spec, tune = registry()[name], config.train.tune
    search = {
        **_section(tune, leave_out={"spaces"}),
        "space": {**spec.plain_space(), **tune.spaces.get(name, {})},
    }
    early = config.train.early_stopping
    return {
        "params": {**spec.defaults, **config.train.params.get(name, {})},
        "seed": config.train.seed,
        "tune": search if tune.enabled else {"enabled": False},
        **({"early_stopping": _section(early)} if early.patience and spec.fit_early else {}),
    }


def needed(graph: Iterable[Step], goals: Collection[str]) -> list[Step]:
    """The steps that some stages need, themselves included, in order.

    Raises
    ------
    ConfigError
        When there is no such stage.
    """
    unknown = [goal for goal in goals if goal not in STAGES]
    if unknown:
        raise ConfigError(f"There is no stage {unknown[0]!r}", hint=f"The stages are {', '.join(STAGES)}")
    by_name = {step.name: step for step in graph}
    wanted: set[str] = set()
    todo = [name for name, step in by_name.items() if step.stage in goals]
    while todo:
        name = todo.pop()
        wanted.add(name)
        todo += [read for read in by_name[name].reads if read not in wanted]
    return [step for name, step in by_name.items() if name in wanted]
