"""What a stage declares. Light: nothing here, and nothing in a declaration, imports pandas or scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec

from phishcli.errors import PhishError
from phishcli.flow.nodes import Fact, Node, Read

if TYPE_CHECKING:
    from phishcli.artifacts import Entry
    from phishcli.config import Config
    from phishcli.flow.job import Job

S = TypeVar("S")


class Result(msgspec.Struct, frozen=True):
    """What a stage's function returns: a value per node, and a one-line summary.

    ``extra`` goes into the manifest; ``seconds`` is the step's share of the time if it ran beside others.
    """

    files: Mapping[Node[Any], Any]
    summary: str
    extra: Mapping[str, Any] = msgspec.field(default_factory=dict)
    seconds: float | None = None


Run = Callable[["Job[S]"], Result]
RunTogether = Callable[["Sequence[Job[S]]"], "Iterator[tuple[Job[S], Result | PhishError]]"]


Late = Callable[["Config", str, "Mapping[str, Entry | None]"], "Mapping[str, Any]"]


class EarlyCheck(msgspec.Struct, Generic[S], frozen=True):
    """Refuses early what the stage would refuse anyway, before the stages in between spend time.

    It has its own settings and reads, shapes no result, and runs as soon as its reads are available and a step is about
    to be executed.
    """

    settings: Callable[[Config], S]
    reads: tuple[Node[Any], ...]
    check: Callable[[Job[S]], None]


class Stage(msgspec.Struct, Generic[S], frozen=True, kw_only=True):
    """One stage, or the part of a stage that runs once per model.

    Parameters
    ----------
    name
        Names the command and the folder of the artifacts.
    title
        One line for ``phish --help``.
    version
        Bumped by hand when the meaning of what it writes changes; a test watches the code.
    settings
        Takes from the configuration (for a model) what shapes the result, as a frozen dataclass. All of it
        enters the fingerprint but fields made by `informative`; the function gets this and no other setting.
    reads
        The nodes and facts it reads.
    writes
        The nodes it writes.
    run
        The function. Its `Job` holds what is declared here and nothing else.
    run_together
        Instead of ``run``, for models that are best trained side by side.
    libraries
        Distributions whose version shapes the result; a function if that depends on the settings or the model.
    per_model
        Whether there is a step for each model.
    models
        The models that there is a step for.
    enabled
        Whether the stage is part of the graph under given settings.
    optional
        Whether a model that fails here is still compared and reported.
    after
        Stages that come first in every listing and run, although it reads nothing from them.
    command
        Whether ``phish NAME`` runs it.
    home
        Where its artifacts are stored.
    exported
        Whether its files are copied to the results folder.
    early
        What to refuse early.
    late
        Further parts of the fingerprint that depend on what the inputs turned out to be, given the configuration, the
        model and the artifacts by step; the function finds them in ``job.late``.
    """

    name: str
    title: str
    version: int
    settings: Callable[[Config, str], S]
    writes: tuple[Node[Any], ...]
    reads: tuple[Node[Any] | Read | Fact[Any], ...] = ()
    run: Run[S] | None = None
    run_together: RunTogether[S] | None = None
    libraries: tuple[str, ...] | Callable[[Config, str], tuple[str, ...]] = ()
    per_model: bool = False
    models: Callable[[Config], tuple[str, ...]] = lambda config: config.train.models
    enabled: Callable[[Config], bool] = lambda _: True
    optional: bool = False
    after: tuple[str, ...] = ()
    command: bool = True
    home: Literal["cache", "releases"] = "cache"
    exported: bool = False
    early: EarlyCheck[Any] | None = None
    late: Late | None = None

    def node_reads(self) -> tuple[Read, ...]:
        """The nodes it reads, under whichever settings."""
        return tuple(
            read if isinstance(read, Read) else Read(read) for read in self.reads if not isinstance(read, Fact)
        )

    def facts(self) -> tuple[Fact[Any], ...]:
        """The facts of the run that it asks for."""
        return tuple(read for read in self.reads if isinstance(read, Fact))

    def libraries_of(self, config: Config, model: str) -> tuple[str, ...]:
        """The distributions that shape the result, for a model where there is a step for each."""
        return self.libraries(config, model) if callable(self.libraries) else self.libraries


TABLES = ("numpy", "pandas", "pyarrow")
"""Distributions that shape a table on disk."""
FITTED = (*TABLES, "scikit-learn", "joblib", "python")
"""Distributions, and the interpreter, that shape a fitted object on disk."""
