"""One page, from its file to the values of its features, within bounds."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import Literal

import msgspec

from phishcli.errors import first_line
from phishcli.features.pages import Value, registry
from phishcli.features.pages.decoding import decode
from phishcli.features.pages.page import Page
from phishcli.files import regular_file

MOST_BYTES = 8_000_000
"""Of a file that are read; data in addresses and scripts count like all else."""
MOST_OPEN = 20_000
"""Opening tags beyond closing ones: the parser takes seconds for elements that are nested deeper."""
TAG = re.compile(r"<[a-zA-Z!?/]")
OPENING = re.compile(r"<[a-zA-Z]")
Status = Literal["ok", "limited", "skipped"]


class Extracted(msgspec.Struct, frozen=True, array_like=True):
    """The values of one page in the order of the features; empty where the page was skipped for ``reason``."""

    status: Status
    reason: str = ""
    values: tuple[Value, ...] = ()

    @property
    def features(self) -> dict[str, Value]:
        """The values by name."""
        return dict(zip(registry(), self.values, strict=False))


def extract_file(path: Path, url: str | None = None) -> Extracted:
    """Read the features of a saved page; a file that is no page is skipped with a reason, and nothing raises.

    Parameters
    ----------
    path
        A regular file; anything else is skipped without waiting for it.
    url
        The address of the page.
    """
    try:
        with regular_file(path) as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        return Extracted("skipped", f"it cannot be read: {error.strerror or first_line(error)}")
    return extract(content, url)


def extract(content: bytes, url: str | None = None) -> Extracted:
    """Read the features of a page from its bytes; see `extract_file`.

    What is longer than `MOST_BYTES` or opens more tags than `MOST_OPEN` without closing them is cut there, and the
    result says so.
    """
    if not content.strip():
        return Extracted("skipped", "it is empty")
    text, reasons = decode(content[:MOST_BYTES]), []
    if len(content) > MOST_BYTES:
        reasons.append(f"only the first {MOST_BYTES:,} bytes were read")
    if not TAG.search(text):
        return Extracted("skipped", "it holds no HTML")
    if (end := _too_deep(text)) is not None:
        text = text[:end]
        reasons.append(f"it was read up to {MOST_OPEN:,} tags")
    page = Page(text, url)
    values = tuple(_value(page, name) for name in registry())
    return Extracted("limited" if reasons else "ok", "; ".join(reasons), values)


def _too_deep(text: str) -> int | None:
    """The place of the opening tag behind `MOST_OPEN` others; None where so many are not left open."""
    tags = text.count("<") if len(text) > MOST_OPEN else 0
    if tags <= MOST_OPEN or tags - 2 * text.count("</") <= MOST_OPEN:
        return None
    found = next(islice(OPENING.finditer(text), MOST_OPEN, None), None)
    return found.start() if found else None


def _value(page: Page, name: str) -> Value:
    feature = registry()[name]
    return None if feature.needs_url and page.home.site is None else feature.value(page)
