"""Columns from another table, found by the file, the address or the tenant of a page; what is not there is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from phishcli.errors import ConfigError, suggestion
from phishcli.features.pages.given import Found
from phishcli.features.pages.index import FILE_NAMES, URL_NAMES, read_table, texts
from phishcli.features.pages.place import tenant_of

if TYPE_CHECKING:
    import pyarrow as pa

TENANT_NAMES = ("tenant", "domain", "registered_domain", "host", "hostname", "site")
By = Literal["file", "url", "tenant"]


@dataclass
class Joining:
    """A table whose rows are found by a key.

    ``places`` has the row of each key, ``by`` says what the keys are, ``columns`` are those that are added. ``matched``
    counts the pages that had a row, ``repeated`` the rows whose key an earlier one had.
    """

    source: str
    columns: pa.Table
    places: dict[str, int]
    by: By
    repeated: int = 0
    matched: int = 0

    def of(self, pages: Sequence[Found]) -> pa.Table:
        """The columns for some pages."""
        import pyarrow as pa

        rows = [None if (key := _key(page, self.by)) is None else self.places.get(key) for page in pages]
        self.matched += sum(row is not None for row in rows)
        return self.columns.take(pa.array(rows, pa.int64()))


def _key(page: Found, by: By) -> str | None:
    if by == "file":
        return page.name
    return page.url if by == "url" else tenant_of(page.url)


def joining(source: str, on: str | None = None) -> Joining:
    """Read a table to be joined.

    Parameters
    ----------
    source
        A local table.
    on
        Its key, by default the first column whose name says so: files as in the index or below the folder, addresses,
        or else domains, hosts or addresses of which the tenant counts.

    Raises
    ------
    DataError
        When it cannot be read.
    ConfigError
        When no column is a key.
    """
    table = read_table(source)
    found = on if on in table.column_names else None
    if on is None:
        known = (*FILE_NAMES, *URL_NAMES, *TENANT_NAMES)
        by_name = {name.casefold(): name for name in reversed(table.column_names)}
        found = next((by_name[name] for name in known if name in by_name), None)
    if found is None:
        what = (
            f"The table to join has no column {on!r}"
            if on
            else "No column of the table to join is recognized as its key"
        )
        hint = suggestion(on, table.column_names, "columns") if on else "Name the column of domains or files: --join-on"
        raise ConfigError(what, where=source, hint=hint)
    by = _by(found)
    keys = [tenant_of(value) if by == "tenant" else value for value in texts(table.column(found))]
    places: dict[str, int] = {}
    for row, key in enumerate(keys):
        if key is not None:
            places.setdefault(key, row)
    repeated = sum(key is not None for key in keys) - len(places)
    return Joining(source, table.drop_columns([found]), places, by, repeated)


def _by(name: str) -> By:
    """What a column of keys holds, by its name; of what has another name the tenant counts."""
    plain = name.casefold()
    return "file" if plain in FILE_NAMES else "url" if plain in URL_NAMES else "tenant"
