"""What a stage needs at hand when it is called: the configuration, the source, and files that are read once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from phishcli.artifacts import Entry
from phishcli.events import OnEvent, ignore

if TYPE_CHECKING:
    from phishcli.artifacts import Workspace
    from phishcli.config import Config
    from phishcli.documents.schema import Schema
    from phishcli.plan import Decision
    from phishcli.sources.locate import LocalSource
    from phishcli.tables.table import Table

Inputs = Mapping[str, Entry]


@dataclass(frozen=True)
class Bench:
    """One configuration at work; a file that several steps read is read once."""

    config: Config
    source: LocalSource
    workspace: Workspace
    force: Collection[str] = ()
    on_event: OnEvent = ignore
    _files: dict[tuple[str, str], Any] = field(default_factory=dict)

    @property
    def jobs(self) -> int:
        """How many cores to use: all that this process may use, containers considered, unless the user says."""
        from joblib import cpu_count

        jobs = self.config.run.jobs
        return jobs if jobs > 0 else int(cpu_count())

    def file(self, entry: Entry, name: str) -> Any:
        """Read a file of an artifact, or give what was read before."""
        key = (str(entry.folder), name)
        if key not in self._files:
            self._files[key] = entry.read(name)
        return self._files[key]

    def table(self, entry: Entry, name: str) -> Table:
        """Open a Parquet file of an artifact as a table."""
        from phishcli import tables

        return tables.open(entry.folder / name)

    def schema(self, inputs: Inputs) -> Schema:
        """Read the schema that ``load`` found."""
        from phishcli.documents.schema import Schema

        return Schema.of_plain(self.file(inputs["load"], "schema.json"))


def per_model(decision: Decision, inputs: Inputs, stage: str, file: str) -> dict[str, Any]:
    """Read one document of every model that got so far."""
    return {model: inputs[f"{stage}/{model}"].read(file) for model in models_of(decision)}


def models_of(decision: Decision) -> list[str]:
    """The models whose scores a step reads, in their order."""
    return [step.partition("/")[2] for step in decision.step.reads if step.startswith("evaluate/")]


def counted(number: int, noun: str) -> str:
    """``1 model``, ``2 models``, ``10,500 rows``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
