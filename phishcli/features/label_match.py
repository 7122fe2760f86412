"""What a user calls a label, and the label that is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from phishcli.errors import DataError
from phishcli.events import Notice, OnEvent
from phishcli.typed import option
from phishcli.wording import bounded, counted, listed

if TYPE_CHECKING:
    from phishcli.documents.schema import Label

REST = "rest"
"""What stands for all labels that the other class does not have, unless a label has this name."""


@dataclass(frozen=True)
class Match:
    """Finds the labels that a user names among those that a column has."""

    counts: Mapping[Label, int]
    name: str
    on_event: OnEvent

    def all(self, given: Label | Sequence[Label] | None, word: str) -> tuple[Label, ...] | str:
        """The labels of one class as stored; `REST` for all others, nothing if nothing was given."""
        if given is None:
            return ()
        if given == REST and not any(label_key(label) == REST for label in self.counts):
            return REST
        wanted = tuple(given) if isinstance(given, list | tuple) else (given,)
        return tuple(dict.fromkeys(self.one(label, word) for label in wanted))

    def one(self, wanted: Label, word: str) -> Label:
        """The one label that is meant."""
        exact = [label for label in self.counts if _kind(label) == _kind(wanted) and label == wanted]
        found = exact or [label for label in self.counts if label_key(label) == label_key(wanted)]
        what = f"The {word} label {wanted!r}"
        if len(found) > 1:
            raise unclear(f"{what} fits more than one label of {self.name!r}.", self.counts, self.name, word, found)
        if not found:
            raise unclear(f"{what} does not occur in {self.name!r}.", self.counts, self.name, word)
        if isinstance(found[0], str) and str(wanted) != found[0]:
            self.on_event(Notice(f"{what} is stored as {found[0]!r} in {self.name}.", when="end"))
        return found[0]


def unclear(
    what: str, counts: Mapping[Label, int], name: str, word: str = "positive", choice: Sequence[Label] = ()
) -> DataError:
    """The error for a label that is not known or not clear, with the options that name one."""
    options = [option(f"--{word}-label", label) for label in list(choice or counts)[:10]]
    hint = f"Add {listed(options, 'or')} (load.{word}_label)."
    if len(choice) > 1 and len(choice) < len(counts):
        hint += f" For all of them: {' '.join(options)}"
    return DataError(what, where=f"column {name} holds {with_counts(counts)}", hint=hint)


def similar_labels(counts: Mapping[Label, int]) -> list[list[Label]]:
    """Group the labels that differ only in case or blanks."""
    groups: dict[str, list[Label]] = {}
    for label in counts:
        if isinstance(label, str):
            groups.setdefault(" ".join(label.casefold().split()), []).append(label)
    return [group for group in groups.values() if len(group) > 1]


def with_counts(counts: Mapping[Label, int]) -> str:
    """List labels with the rows that have them."""
    return bounded([f"{label!r} ({counted(count, 'row')})" for label, count in counts.items()])


def _kind(label: Label) -> str:
    return "number" if isinstance(label, int | float) and not isinstance(label, bool) else type(label).__name__


def label_key(label: Label) -> Decimal | str:
    """Bring a label to its meaning, so that 0, "0", 0.0, False and "false" compare as equal."""
    text = str(label).strip().casefold()
    if text in {"true", "false"}:
        return Decimal(text == "true")
    try:
        number = Decimal(text)  # exact: floats confuse whole numbers beyond 2**53
    except InvalidOperation:
        return text
    return number if number.is_finite() else text
