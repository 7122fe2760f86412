"""The target of a table: which column holds the label."""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING

from phishcli.errors import DataError
from phishcli.typed import name_of, option, options
from phishcli.wording import bounded, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


SELF_EXPLANATORY_NAMES = frozenset({"isphishing", "phishing", "isphish", "phish", "isphishingsite", "isphishingurl"})
"""Names, without case and separators, that say what 1 means: the only ones that need no ``positive_label``."""

USUAL_NAMES = frozenset({"label", "labels", "target", "class", "status", "result", "outcome", "y"})
"""Names that targets often have; they name the column but say nothing about which label is phishing."""

YES = frozenset({1.0, "yes"})
NO = frozenset({0.0, "no"})


def plain_name(name: str) -> str:
    """Give a column's name without case, blanks and separators: ``is_Phishing`` becomes ``isphishing``."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def no_column(wanted: str, names: Sequence[str], *, where: str, use: Callable[[str], str] | None = None) -> DataError:
    """Give the error for a column that the table lacks, naming the nearest ones and how to ask for them."""
    by_plain = {plain_name(name): name for name in names}
    near = [by_plain[match] for match in get_close_matches(plain_name(wanted), list(by_plain), n=3)]
    if not near:
        hint = f"The table has: {bounded([name_of(name) for name in names])}."
    else:
        hint = f"Did you mean {listed(list(map(repr, near)), 'or')}?"
        hint += f" Use {listed(list(map(use, near)), 'or')}." if use else ""
    return DataError(f"There is no column {wanted!r}.", where=where, hint=hint)


def find_target(names: Sequence[str], given: str | None = None) -> str:
    """Name the column that holds the label.

    Parameters
    ----------
    names
        The columns of the table.
    given
        The column that the user named; None to find it by name.

    Raises
    ------
    DataError
        When the given column does not exist, when no column looks like a target, or when several do.
    """
    if given is not None:
        if given not in names:
            raise no_column(given, names, where="the target (--target, load.target)", use=partial(option, "--target"))
        return given
    for known in (SELF_EXPLANATORY_NAMES, USUAL_NAMES):
        found = [name for name in names if plain_name(name) in known]
        if found:
            return _only(found)
    raise DataError(
        "No column looks like the target, the one that holds the label.",
        where=f"columns: {bounded([name_of(name) for name in names], 30)}",
        hint="Name it with --target COLUMN (load.target).",
    )


def _only(found: list[str]) -> str:
    if len(found) > 1:
        raise DataError(
            f"Several columns may be the target: {', '.join(map(name_of, found))}.",
            hint="Name the right one and leave the others out if they repeat the answer: "
            f"{option('--target', found[0])} {options('--drop', found[1:])}",
        )
    return found[0]
