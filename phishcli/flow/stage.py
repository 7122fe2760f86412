"""What a stage declares. Light: nothing here, and nothing in a declaration, imports pandas or scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from phishcli.errors import PhishError
from phishcli.flow.nodes import Given, Node, Read

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.flow.job import Job

S = TypeVar("S")


@dataclass(frozen=True)
class Made:
    """What a stage's function gives: a value per node, and a few words on them.

    ``extra`` goes into the manifest; ``seconds`` is the share of the time of a step that was made beside others.
    """

    files: Mapping[Node[Any], Any]
    summary: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    seconds: float | None = None


Run = Callable[["Job[S]"], Made]
RunTogether = Callable[["Sequence[Job[S]]"], "Iterator[tuple[Job[S], Made | PhishError]]"]


@dataclass(frozen=True)
class Early(Generic[S]):
    """A look ahead: refuses settings that the stage would refuse anyway, before the stages in between do their work.

    It has settings and reads of its own, shapes no result, and runs as soon as what it reads is there and something is
    about to be executed.
    """

    settings: Callable[[Config], S]
    reads: tuple[Node[Any], ...]
    check: Callable[[Job[S]], None]


@dataclass(frozen=True, kw_only=True)
class Stage(Generic[S]):
    """One stage, or the part of it that is about each model.

    Parameters
    ----------
    name
        Names the command and the folder of the artifacts.
    title
        One line for ``phish --help``.
    version
        Bumped by hand when the meaning of what it writes changes; a test watches the code.
    settings
        From the configuration (and the name of the model) what shapes the result, as a frozen dataclass. All of it
        enters the fingerprint but fields made by `mentioned`; the function gets this and no other setting.
    reads
        The nodes it reads, and what is given.
    writes
        The nodes it writes.
    run
        The function. It gets a `Job`, which holds what is declared here and nothing else.
    run_together
        Instead of ``run``, for models that are best made side by side.
    libraries
        Distributions whose version shapes the result; a function where that depends on the settings or on the model.
    per_model
        Whether there is a step for each model.
    enabled
        Whether the stage is part of the graph at all under some settings.
    optional
        Whether a model that fails here is still compared and reported.
    after
        Stages that come before it in every listing and run although it reads nothing of them.
    command
        Whether ``phish NAME`` runs it.
    home
        Where its artifacts belong: the cache, or the releases.
    exported
        Whether its files are copied to the folder of results.
    early
        What it refuses early.
    """

    name: str
    title: str
    version: int
    settings: Callable[[Config, str], S]
    writes: tuple[Node[Any], ...]
    reads: tuple[Node[Any] | Read | Given[Any], ...] = ()
    run: Run[S] | None = None
    run_together: RunTogether[S] | None = None
    libraries: tuple[str, ...] | Callable[[Config, str], tuple[str, ...]] = ()
    per_model: bool = False
    enabled: Callable[[Config], bool] = lambda _: True
    optional: bool = False
    after: tuple[str, ...] = ()
    command: bool = True
    home: Literal["cache", "releases"] = "cache"
    exported: bool = False
    early: Early[Any] | None = None

    def node_reads(self) -> tuple[Read, ...]:
        """The nodes it reads, under whichever settings."""
        return tuple(
            read if isinstance(read, Read) else Read(read) for read in self.reads if not isinstance(read, Given)
        )

    def givens(self) -> tuple[Given[Any], ...]:
        """The facts of the run that it asks for."""
        return tuple(read for read in self.reads if isinstance(read, Given))

    def libraries_of(self, config: Config, model: str) -> tuple[str, ...]:
        """The distributions that shape the result, for a model where there is a step for each."""
        return self.libraries(config, model) if callable(self.libraries) else self.libraries


TABLES = ("numpy", "pandas", "pyarrow")
"""Distributions that shape a table on disk."""
FITTED = (*TABLES, "scikit-learn", "joblib", "python")
"""Distributions, and the interpreter, that shape a fitted object on disk."""
