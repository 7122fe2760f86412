"""The graph of steps that a configuration draws from the stages: what each depends on, and which files it reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.flow.settings import fingerprinted
from phishcli.flow.stage import Stage

if TYPE_CHECKING:
    from phishcli.artifacts import Entry
    from phishcli.config import Config
    from phishcli.flow.nodes import Read
    from phishcli.sources.source import Source

LAYOUT = 2
"""Bumped when fingerprints are put together in another way: artifacts of the other layout are stale for that reason."""

Files = Mapping[str, tuple[str, ...]]
"""Step -> files of its artifact."""


class Step(msgspec.Struct, frozen=True):
    """One node of the graph: a stage, or a stage and a model.

    ``reads`` are the files whose content matters, ``informative`` those that are only passed on; ``parts`` is what the
    fingerprint covers beside their content: version, settings and facts of the run. ``libraries`` are
    distributions whose version shapes the result, ``early`` the settings that `Stage.early` looks at, ``failed`` the
    models that failed so far, with their reasons. ``late`` gives parts that depend on the artifacts it reads.
    """

    name: str
    stage: Stage[Any]
    settings: Any
    parts: Mapping[str, Any]
    reads: Files = msgspec.field(default_factory=dict)
    informative: Files = msgspec.field(default_factory=dict)
    libraries: tuple[str, ...] = ()
    early: Any = None
    failed: Mapping[str, str] = msgspec.field(default_factory=dict)
    late: Callable[[Mapping[str, Entry | None]], Mapping[str, Any]] | None = None

    @property
    def model(self) -> str:
        """The model the step is about; empty for steps over all models."""
        return self.name.partition("/")[2]

    def files(self) -> Iterator[tuple[str, str]]:
        """All that it reads: steps and file names."""
        for files in (self.reads, self.informative):
            yield from ((step, file) for step, names in files.items() for file in names)


def steps(stages: Iterable[Stage[Any]], config: Config, source: Source | None = None) -> tuple[Step, ...]:
    """Draw the graph for a configuration, in an order in which it can run.

    Parameters
    ----------
    stages
        All stages, as `phishcli.stages.registry` gives them.
    source
        What is to be loaded, or None while it is not on this disk.
    """
    return tuple(
        _step(stage, config, source, model)
        for stage in stages
        if stage.enabled(config)
        for model in (stage.models(config) if stage.per_model else ("",))
    )


def _step(stage: Stage[Any], config: Config, source: Source | None, model: str) -> Step:
    settings = stage.settings(config, model)
    asked = [read for read in stage.node_reads() if read.when(config)]
    facts = {key: value for what in stage.facts() for key, value in what.parts(source, config).items()}
    return Step(
        name=f"{stage.name}/{model}" if model else stage.name,
        stage=stage,
        settings=settings,
        parts={"layout": LAYOUT, "version": stage.version, **facts, "config": fingerprinted(settings)},
        reads=_files([read for read in asked if read.shapes], config, model),
        informative=_files([read for read in asked if not read.shapes], config, model),
        libraries=stage.libraries_of(config, model),
        early=stage.early.settings(config) if stage.early else None,
        late=partial(stage.late, config, model) if stage.late else None,
    )


def _files(reads: Sequence[Read], config: Config, model: str) -> Files:
    """The files to read, by step; of a stage per model those of the same model, or of every model."""
    files: dict[str, tuple[str, ...]] = {}
    for read in reads:
        node = read.node
        models = ((model,) if model else config.train.models) if node.per_model else ("",)
        for name in read.models(config) if read.models else models:
            step = f"{node.stage}/{name}" if name else node.stage
            files[step] = (*files.get(step, ()), node.file)
    return files


def needed(graph: Iterable[Step], goals: Collection[str]) -> list[Step]:
    """The steps that stages, or single steps, need, themselves included, in order."""
    by_name = {step.name: step for step in graph}
    wanted: set[str] = set()
    todo = [name for name, step in by_name.items() if step.stage.name in goals or name in goals]
    while todo:
        name = todo.pop()
        wanted.add(name)
        todo += [read for read, _ in by_name[name].files() if read not in wanted]
    return [step for name, step in by_name.items() if name in wanted]
