"""Addresses alone, one per line: no page is there, so no feature of a page is read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from phishcli.errors import DataError, cause_of
from phishcli.features.pages.given import BATCH, Batch, Found, Given
from phishcli.files import regular_file

URL = "url"
LONGEST = 65_536
"""Bytes of a line; what follows in it is left out."""


def addresses_in(path: Path) -> Iterator[str]:
    """The lines of a list of addresses without empty ones and those that begin with ``#``; never more than `LONGEST`.

    Raises
    ------
    DataError
        When it cannot be read.
    """
    try:
        with regular_file(path) as file:
            whole = True
            while line := file.readline(LONGEST):
                text = line.decode("utf-8", "replace").strip("\ufeff \t\r\n\0") if whole else ""
                whole = line.endswith(b"\n")
                if text and not text.startswith("#"):
                    yield text
    except OSError as error:
        raise DataError(f"The list of addresses cannot be read: {cause_of(error)}", where=str(path)) from error


def pages_at(path: Path) -> Given:
    """Take a list of addresses.

    Raises
    ------
    DataError
        When it cannot be read, or holds none.
    """
    import pyarrow as pa

    total = sum(1 for _ in addresses_in(path))
    if not total:
        raise DataError("The list has no addresses.", where=str(path), hint="Write one address per line")
    known = pa.schema([(URL, pa.string())])

    def batches() -> Iterator[Batch]:
        lines = addresses_in(path)
        while some := list(islice(lines, BATCH)):
            pages = [Found(each, None, each) for each in some]
            yield Batch(pages, pa.table([pa.array(some, pa.string())], schema=known))

    return Given(batches, known, total, has_pages=False)
