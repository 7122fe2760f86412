"""A text file that no CSV reader understands as it is (blanks between values, comments), rewritten as CSV."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from phishcli.sources.readers.csv_shape import Shape, rows_of


def rewritten(path: Path, shape: Shape, folder: Path) -> tuple[Path, Shape]:
    """Write the rows of a text as CSV into a folder, and give the file and its shape."""
    target = folder / f"rows-{path.name}"
    with path.open(encoding="utf-8-sig", newline="") as lines, target.open("w", encoding="utf-8", newline="") as new:
        writer = csv.writer(new, lineterminator="\n")
        for _, _, row in rows_of(lines, shape.delimiter, shape.comment, shape.skip):
            writer.writerow(row)
    return target, replace(shape, delimiter=",", comment=None, skip=0)
