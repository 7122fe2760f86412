"""The stages: one file each, discovered; a declaration and its function.

To add a stage, add one file here, say ``drift.py``:

1. the nodes it writes: ``DRIFT = document("drift", "drift.json", Drift)`` with a document type from
   `phishcli.documents`, or `frame` for tables and `content` for everything else;
2. ``Settings``, a frozen dataclass of the settings that shape the result, and a function that extracts them from the
   configuration (None for a stage without settings); ``config.load.without("source")`` and ``only`` reduce a section to
   what is needed; a section of its own is a file in `phishcli.config.sections`;
3. ``run(job)``, which reads with ``job.read(load.FEATURES)``, leaves the work to a lower package (statistics to
   `phishcli.evaluation`), imports heavy modules inside the function, and returns a `Result`: a value per node, and a
   summary;
4. ``STAGE = Stage(name="drift", title=..., version=1, settings=..., reads=(load.FEATURES, ...), writes=(DRIFT,),
   libraries=TABLES, run=run)``; ``TABLES`` and ``FITTED`` are in `phishcli.flow.stage`.

There is no other list: the graph, ``phish drift``, the cache and the progress display use `registry`. A stage that the
report does not read runs by its own command only: ``phish run-all`` and ``phish status`` plan what leads to the report.

To show more than the summary in the terminal, add ``phishcli/cli/views/drift.py`` with ``show(run)`` and
``document(run)``, which get ``run.outcome.get(DRIFT)``; the table itself is a class in ``phishcli/render/drift.py``.
``tests/stages/test_contract.py`` checks the contract of all stages. Then run ``python tests/test_stage_versions.py``,
which records the stage, and ``make docs``, and mention it in ``docs/pipeline.md``.
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
    """The ``STAGE`` of every module in this package, in pipeline order: inputs first."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    stages = {(each.STAGE.name, each.STAGE.per_model, each.__name__): each.STAGE for each in modules}
    return tuple(stages[key] for key in _in_order(stages))


def names() -> tuple[str, ...]:
    """The names of the stages, in pipeline order."""
    return tuple(dict.fromkeys(stage.name for stage in registry()))


Key = tuple[str, bool, str]
"""The name of a stage, whether it has a step for each model, and its module."""


def _in_order(stages: dict[Key, Stage[Any]]) -> list[Key]:
    """Sort topologically by reads and ``after``, then by name, so that the order is deterministic."""
    sorter = TopologicalSorter({key: _before(key, stage, stages) for key, stage in stages.items()})
    sorter.prepare()
    ordered: list[Key] = []
    ready: list[Key] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()])
        ordered.append(ready.pop(0))
        sorter.done(ordered[-1])
    return ordered


def _before(own: Key, stage: Stage[Any], stages: dict[Key, Stage[Any]]) -> set[Key]:
    read = {(read.node.stage, read.node.per_model) for read in stage.node_reads()}
    return {key for key in stages if key != own and (key[:2] in read or key[0] in stage.after)}
