"""From a page or an address to a row that a release takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phishcli.errors import DataError
from phishcli.features.kinds.host import host_of
from phishcli.features.pages.page import FEATURES, PATH, extract, tenant_of
from phishcli.wording import bounded

if TYPE_CHECKING:
    from phishcli.serving.bundle import Bundle


def scanned_row(bundle: Bundle, url: str | None, page: bytes | None) -> tuple[dict[str, Any], list[str], str | None]:
    """Fill the columns of a release from what an address and a page show.

    Parameters
    ----------
    bundle
        An open release.
    url, page
        At least one of the two.

    Returns
    -------
    dict, list of str, str or None
        The row; its columns that neither shows, which are missing in it; what was limited about the page.

    Raises
    ------
    DataError
        When none of the columns can be filled: the release is about something else.
    """
    extracted = None if page is None else extract(page, url)
    shown: Mapping[str, Any] = {} if extracted is None else extracted.features
    row: dict[str, Any] = {}
    for column in bundle.schema.given():
        row[column.name] = shown.get(column.name, _of_address(column.kind, column.name, url))
    unknown = [name for name, value in row.items() if value is None]
    if len(unknown) == len(row):
        known = bounded([each.name for each in FEATURES], 12)
        raise DataError(
            f"Neither page nor address shows any column of this release: {bounded(unknown)}.",
            where=f"{bundle.metadata.model} v{bundle.metadata.version}",
            hint=f"Train it on a column of addresses, or on what `phish features extract` gives: {known}",
        )
    return row, unknown, None if extracted is None else extracted.limited


def _of_address(kind: str | None, name: str, url: str | None) -> Any:
    if url is None:
        return None
    if kind == "url":
        return url
    if kind == "domain":
        return host_of(PATH.split(url.partition("//")[2] or url, maxsplit=1)[0])[0] or None
    return tenant_of(url) if name == "tenant" else None
