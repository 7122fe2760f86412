"""The stages: one file each, discovered; a declaration, and the function that it declares.

To add a stage, add one file here, say ``drift.py``:

1. the nodes that it writes: ``DRIFT = document("drift", "drift.json", Drift)`` with a document from
   `phishcli.documents`, or `frame` and `content` for tables and everything else;
2. ``Settings``, a frozen dataclass of what of the configuration shapes the result, and a function that takes it from
   there; ``config.load.without("source")`` and ``only`` cut a section down to what is needed;
3. ``run(job)``, which reads with ``job.read(load.FEATURES)``, leaves the work to a package below, imports what is heavy
   inside of the function, and gives `Result`: a value per node, and a few words;
4. ``STAGE = Stage(name="drift", title=..., version=1, settings=..., reads=(load.FEATURES, ...), writes=(DRIFT,),
   run=run)``.

Nothing is listed elsewhere: the graph, ``phish drift``, ``phish status``, the cache and the progress display ask
`registry`. A section of its own in the configuration goes into `phishcli.config.schema`; how its result looks on a
terminal goes into ``phishcli/cli/views/drift.py``, without which its summary is shown. What all stages promise is held
by ``tests/stages/test_contract.py``, and ``python tests/test_stage_versions.py`` records the new stage.
"""

from __future__ import annotations

from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from phishcli.flow.stage import Stage


@cache
def registry() -> tuple[Stage[Any], ...]:
    """The ``STAGE`` of every module in this package, in the order of the flow: first what others read."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    stages = {(module.STAGE.name, module.STAGE.per_model): module.STAGE for module in modules}
    return tuple(stages[key] for key in _in_order(stages))


def names() -> tuple[str, ...]:
    """The names of the stages, in the order of the flow."""
    return tuple(dict.fromkeys(stage.name for stage in registry()))


def _in_order(stages: dict[tuple[str, bool], Stage[Any]]) -> list[tuple[str, bool]]:
    """Sort by what is read and by ``after``; where these leave a choice, by name, so that the order is always one."""
    sorter = TopologicalSorter({key: _before(stage, stages) for key, stage in stages.items()})
    sorter.prepare()
    ordered: list[tuple[str, bool]] = []
    ready: list[tuple[str, bool]] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()])
        ordered.append(ready.pop(0))
        sorter.done(ordered[-1])
    return ordered


def _before(stage: Stage[Any], stages: dict[tuple[str, bool], Stage[Any]]) -> set[tuple[str, bool]]:
    read = {(read.node.stage, read.node.per_model) for read in stage.node_reads()}
    return read | {key for key in stages if key[0] in stage.after}
