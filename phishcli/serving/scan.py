"""From a page or an address to a row that a release takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phishcli.errors import DataError
from phishcli.features.pages import registry
from phishcli.features.pages.extract import Extracted
from phishcli.features.pages.place import Home, tenant_of
from phishcli.wording import bounded

if TYPE_CHECKING:
    from phishcli.serving.bundle import Bundle


def scanned_row(
    bundle: Bundle, url: str | None, page: Extracted | None, given: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Fill the columns of a release from what an address and a page show.

    Parameters
    ----------
    bundle
        An open release.
    url, page
        At least one of the two.
    given
        Values by column that somebody knows; they win over what is shown.

    Returns
    -------
    dict, list of str
        The row; its columns that neither shows, which are missing in it.

    Raises
    ------
    DataError
        When none of the columns can be filled: the release is about something else.
    """
    shown: Mapping[str, Any] = {**(page.features if page else {}), **(given or {})}
    row: dict[str, Any] = {}
    for column in bundle.schema.given():
        row[column.name] = shown.get(column.name, _of_address(column.kind, column.name, url))
    unknown = [name for name, value in row.items() if value is None]
    if len(unknown) == len(row):
        known = bounded(list(registry()), 12)
        raise DataError(
            f"Neither page nor address shows any column of this release: {bounded(unknown)}.",
            where=f"{bundle.metadata.model} v{bundle.metadata.version}",
            hint=f"Train it on a column of addresses, or on what `phish features extract` gives: {known}",
        )
    return row, unknown


def _of_address(kind: str | None, name: str, url: str | None) -> Any:
    if url is None:
        return None
    if kind == "url":
        return url
    if kind == "domain":
        return Home.of(url).host
    return tenant_of(url) if name == "tenant" else None
