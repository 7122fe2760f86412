"""What stages exchange: a node is one file of one stage, and knows the type of its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.artifacts import Entry
    from phishcli.config import Config
    from phishcli.documents.base import Document
    from phishcli.sources.source import Source
    from phishcli.tables.table import Table

T = TypeVar("T")
D = TypeVar("D", bound="Document")
When = Callable[["Config"], bool]
Models = Callable[["Config"], tuple[str, ...]]


def _always(_: Config) -> bool:
    return True


class Node(msgspec.Struct, Generic[T], frozen=True):
    """One file that a stage writes and others read.

    Parameters
    ----------
    stage, file
        The stage that writes it, and the file name; `named` fills in ``{name}``.
    load
        Reads it from an artifact, after comparing its hash.
    per_model
        Whether there is one per model.
    optional
        Whether the stage may leave it out.
    template
        The file name before `named`.
    """

    stage: str
    file: str
    load: Callable[[Entry, str], T]
    per_model: bool = False
    optional: bool = False
    template: str = ""

    def named(self, name: str) -> Node[T]:
        """The concrete file of a node whose file name holds ``{name}``."""
        return msgspec.structs.replace(self, file=self.file.format(name=name), template=self.file)

    def when(self, condition: When) -> Read:
        """Read it only if the settings meet a condition."""
        return Read(self, when=condition)

    def of(self, models: Models, *, shapes: bool = True) -> Read:
        """Read it of several models, in a step that is about another one."""
        return Read(self, shapes=shapes, models=models)

    def informative(self) -> Read:
        """Read it without depending on it: its content is passed on to people and shapes no result."""
        return Read(self, shapes=False)


class Read(msgspec.Struct, frozen=True):
    """A stage's reading of a node: under which settings, and whether the content shapes the result.

    ``models`` are those whose node is read; None: of the model of the step, or of all models.
    """

    node: Node[Any]
    when: When = _always
    shapes: bool = True
    models: Models | None = None


class Fact(msgspec.Struct, Generic[T], frozen=True):
    """A fact about the run that a stage may ask for, beside the files of other stages.

    ``parts`` gives its contribution to the fingerprint.
    """

    name: str
    parts: Callable[[Source | None, Config], Mapping[str, Any]]


def _content(source: Source | None, _: Config) -> Mapping[str, Any]:
    return {
        "source.sha256": source.sha256 if source else "not on this disk yet",
        "source.synthetic": source.synthetic if source else None,
    }


def _origin(source: Source | None, config: Config) -> Mapping[str, Any]:
    from phishcli.address import shown

    return {"source.origin": source.origin if source else shown(config.load.source)}


def _nothing(_: Source | None, __: Config) -> Mapping[str, Any]:
    return {}


SOURCE: Fact[Source] = Fact("source", _content)
"""The source, identified by its content, wherever it is stored."""
ORIGIN: Fact[str] = Fact("origin", _origin)
"""What the user called the source."""
FAILED: Fact[Mapping[str, str]] = Fact("failed", _nothing)
"""The models that failed, with reasons; not fingerprinted, since a library may word the same failure differently."""


def frame(stage: str, file: str, *, per_model: bool = False, optional: bool = False) -> Node[pd.DataFrame]:
    """A table, read as a whole."""
    return Node(stage, file, _read, per_model, optional)


def table(stage: str, file: str) -> Node[Table]:
    """A table that may be large: it is opened, and then read in batches, by selection or by column."""
    return Node(stage, file, _open)


def document(stage: str, file: str, kind: type[D], *, per_model: bool = False) -> Node[D]:
    """A typed document."""

    def load(entry: Entry, name: str) -> D:
        return kind.of_plain(entry.read(name))

    return Node(stage, file, load, per_model)


def content(stage: str, file: str, *, per_model: bool = False, optional: bool = False) -> Node[Any]:
    """Whatever the suffix of the name says: a fitted estimator, a text, bytes."""
    return Node(stage, file, _read, per_model, optional)


def _open(entry: Entry, name: str) -> Table:
    from phishcli import tables

    entry.check(name)
    return tables.open(entry.folder / name)


def _read(entry: Entry, name: str) -> Any:
    return entry.read(name)
