"""What is decided about a column: its role, or why it has none, and what the user should know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from phishcli.features.identifiers import different
from phishcli.typed import option

if TYPE_CHECKING:
    import pyarrow as pa

    from phishcli.documents.schema import Role, Written
    from phishcli.features.kinds import Kind

IDENTIFIES = "it identifies rows"
"""How the reason begins for setting aside a column whose name and values identify rows."""
DATE_FORMS = {"date-day-first": "day first", "date-month-first": "month first"}
"""Roles that say how a date is written."""


@dataclass(frozen=True)
class ColumnDecision:
    """How a column is used.

    ``role`` is its role as a feature, None when it cannot be one; ``set_aside`` is the reason for not using it, None
    when it is used; ``warning`` is about a column that is used, or that is not though it may be of use (``loud``).
    ``written`` says how the numbers of a text column are written, where that is not plain; ``unclear`` is a number that
    can be read in two ways. ``level`` is that of the warning. ``kind`` is what texts hold, ``form`` how they write
    it.
    """

    role: Role | None
    set_aside: str | None = None
    warning: str | None = None
    written: Written | None = None
    unclear: str | None = None
    loud: bool = False
    level: Literal["info", "warning"] = "warning"
    kind: str | None = None
    form: str | None = None

    @property
    def feature_role(self) -> Role | None:
        """The role of a column that is used as a feature, None for any other."""
        return self.role if self.set_aside is None else None


def of_kind(kind: Kind, form: str | None) -> ColumnDecision:
    """The decision for texts of a kind that are written in a known form."""
    learned = " and their n-grams are scored" if kind.grams else ""
    return ColumnDecision(
        "text" if kind.grams else "source",
        warning=f"it holds {kind.title}: features are derived from them{learned}",
        level="info",
        kind=kind.name,
        form=form,
    )


def unclear_form(name: str, kind: Kind) -> ColumnDecision:
    """The decision for texts of a kind that can be read in two ways."""
    ways = " or ".join(option("--role", f"{name}={way}") for way in DATE_FORMS)
    return ColumnDecision(
        None, f"it holds {kind.title} that can be read in two ways; say which: {ways}", loud=True, kind=kind.name
    )


def reason_identifies(column: pa.ChunkedArray, missing: int) -> str:
    """The reason for setting aside a column that identifies rows."""
    return (
        f"{IDENTIFIES}: {different(column):,} different whole numbers in {len(column) - missing:,} rows, under the "
        "name of an identifier"
    )
