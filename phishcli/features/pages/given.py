"""What is given: pages in a folder, pages in an index with their addresses, or addresses alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

BATCH = 1024
"""Pages of a batch at most."""


@dataclass(frozen=True)
class Found:
    """One page that is to be read: its file (None: there is none to read, for the ``reason``) and its address."""

    name: str
    path: Path | None = None
    url: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Batch:
    """Pages, and what is known of each of them: a table with a row a page."""

    pages: Sequence[Found]
    known: pa.Table


@dataclass(frozen=True)
class Given:
    """Everything that is given.

    Parameters
    ----------
    batches
        Gives the pages, to be gone through once.
    known
        The columns of what is known.
    total
        The number of pages, None where it is not known.
    has_pages
        Whether there are files; without them only addresses are given, and no feature is read.
    notices
        What the user should know, such as files that were left out.
    """

    batches: Callable[[], Iterator[Batch]]
    known: pa.Schema
    total: int | None
    has_pages: bool = True
    notices: tuple[str, ...] = ()
