"""One row, its verdict and the reasons for its probability, for the terminal and as a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from rich.text import Text

from phishcli.documents.base import plain_of
from phishcli.documents.schema import Label

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

STYLES = {"block": "bold red", "review": "yellow", "allow": "green", "unknown": "bold magenta"}


class Given(Protocol):
    """A verdict: see `phishcli.serving.verdicts.Verdict`."""

    @property
    def verdict(self) -> str:
        """What is to be done."""

    @property
    def label(self) -> Label:
        """The class at the model's threshold."""

    @property
    def probability(self) -> float:
        """Of the positive class."""

    @property
    def rule(self) -> str | None:
        """The rule that decided, if one did."""

    @property
    def reason(self) -> str:
        """In words."""


class Said(Protocol):
    """A reason: see `phishcli.serving.reasons.Reason`."""

    @property
    def text(self) -> str:
        """In words, with the contribution."""


@dataclass(frozen=True)
class Explained:
    """One row: its verdict, its reasons, changes that would give another verdict, and what else is to be said.

    ``neighbors`` are the training rows most like it, ``name`` is what the row is about, where it has a name;
    ``further`` are values for the document alone.
    """

    verdict: Given
    reasons: Sequence[Said]
    changes: Sequence[str] = ()
    notes: Sequence[str] = ()
    name: str = ""
    further: Mapping[str, Any] = field(default_factory=dict)
    neighbors: Sequence[Any] = ()


@dataclass(frozen=True)
class RowsView:
    """Rows one below the other.

    Parameters
    ----------
    rows
        What is shown.
    model
        The model and its version: ``RandomForest v1.0.0``.
    """

    rows: Sequence[Explained]
    model: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for number, row in enumerate(self.rows, 1):
            if number > 1:
                yield Text()
            yield from _lines(row, (row.name and f"{row.name}\n") or (f"row {number}: " if self.rows[1:] else ""))
        yield Text(f"\nmodel  {self.model}", "dim")


def _lines(row: Explained, name: str) -> list[Text]:
    given = row.verdict
    head = Text.assemble(name, (given.verdict, STYLES.get(given.verdict, "")), f"  probability {given.probability:.4f}")
    why = f"{given.reason}{f' (rule {given.rule})' if given.rule else ''}; label {given.label}"
    reasons = [Text(f"  {each.text}") for each in row.reasons] or [Text("  no column contributes")]
    changes = [Text("another verdict"), *(Text(f"  {each}") for each in row.changes)] if row.changes else []
    alike = [Text("nearest training rows"), *(Text(f"  {each}") for each in row.neighbors)] if row.neighbors else []
    notes = [Text(each, "dim") for each in row.notes]
    return [head, Text(why, "dim"), Text("reasons, in log odds"), *reasons, *changes, *alike, *notes]


def as_document(rows: Sequence[Explained], model: str, version: str) -> dict[str, Any]:
    """The same as values of JSON."""
    return {
        "model": model,
        "version": version,
        "rows": [
            {
                **({"name": row.name} if row.name else {}),
                **asdict(row.verdict),  # type: ignore[call-overload]  # a dataclass or a struct
                "reasons": plain_of(list(row.reasons)),
                "changes": list(row.changes),
                **({"neighbors": [asdict(each) for each in row.neighbors]} if row.neighbors else {}),
                **({"notes": list(row.notes)} if row.notes else {}),
                **row.further,
            }
            for row in rows
        ],
    }
