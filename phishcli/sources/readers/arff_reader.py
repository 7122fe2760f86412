"""An ARFF file into Arrow; its ``?`` are missing values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from phishcli.errors import DataError
from phishcli.events import OnEvent, ignore
from phishcli.sources.readers.csv_faults import check_width
from phishcli.sources.readers.csv_text import as_utf8
from phishcli.sources.readers.extras import needed
from phishcli.sources.readers.objects import Objects, Rows, batched
from phishcli.sources.source import Reading
from phishcli.sources.unpacked import scratch_folder


def read_arff(path: Path, asked: Reading, *, on_event: OnEvent = ignore) -> pa.Table:
    """Read an ARFF file, dense or sparse; numeric attributes are numbers, all others texts.

    Raises
    ------
    DataError
        If it is not valid, with the line, or if the extra ``arff`` is not installed.
    """
    arff = needed("arff", "arff", "ARFF", path)
    with scratch_folder(asked.scratch) as folder:
        text = as_utf8(path, asked, folder, on_event)
        names, dense = _declared(arff, text, path)
        check_width(len(names), asked, path)

        def batches() -> Iterator[Rows]:
            return _rows(arff, text, path, len(names), dense=dense)

        return Objects(names, batches, str(path), path.name, drop=asked.drop).table(on_event)


def _declared(arff: Any, text: Path, path: Path) -> tuple[list[str], bool]:
    """Read the attributes, and whether rows name all values."""
    with text.open(encoding="utf-8-sig") as file:
        first = _first_row(file)
    with text.open(encoding="utf-8-sig") as file, _explained(arff, path):
        dense = not first.startswith("{")
        found = arff.load(file, return_type=arff.DENSE_GEN if dense else arff.LOD_GEN)
    return [name for name, _ in found["attributes"]], dense


def _first_row(lines: Iterator[str]) -> str:
    for line in lines:
        if line.strip().lower().startswith("@data"):
            break
    return next((line.strip() for line in lines if line.strip() and not line.startswith("%")), "")


def _rows(arff: Any, text: Path, path: Path, width: int, *, dense: bool) -> Iterator[Rows]:
    with text.open(encoding="utf-8-sig") as file, _explained(arff, path):
        found = arff.load(file, return_type=arff.DENSE_GEN if dense else arff.LOD_GEN)
        kinds = [kind for _, kind in found["attributes"]]
        rows = found["data"] if dense else (_whole(row, kinds, width) for row in found["data"])
        yield from batched(iter(rows))


def _whole(row: dict[int, Any], kinds: Sequence[Any], width: int) -> list[Any]:
    """Fill in what a sparse row leaves out: 0, or the first value of a nominal attribute."""
    return [row[at] if at in row else kinds[at][0] if isinstance(kinds[at], list) else 0.0 for at in range(width)]


@contextmanager
def _explained(arff: Any, path: Path) -> Iterator[None]:
    try:
        yield
    except arff.ArffException as error:
        raise DataError(f"The ARFF file is not valid: {error}", where=str(path), hint="Export it again.") from error
