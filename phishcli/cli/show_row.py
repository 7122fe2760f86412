"""``phish show row N``: a row of the table as a release sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phishcli.cli.explain_row import show_rows
from phishcli.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from phishcli.artifacts import Entry
    from phishcli.cli.options import Shared
    from phishcli.project import Project

REASONS = 5
PARTS = {"train": "in the training part: the model has seen it", "test": "in the test part"}
OTHER = ", from a table other than that of the release"


def show_row(shared: Shared, project: Project, loaded: Entry, number: int) -> None:
    """Show verdict, reasons, nearest training rows and smallest changes of row ``number`` of the table, from 0.

    Raises
    ------
    ConfigError
        When there is no such row.
    """
    import numpy as np

    from phishcli.cli.opened import open_release
    from phishcli.serving.proof import raw_rows
    from phishcli.tables.parquet import ParquetTable

    table = ParquetTable(loaded.folder / "features.parquet")
    if not 0 <= number < table.rows:
        raise ConfigError(f"There is no row {number:,}", hint=f"Rows are counted from 0 to {table.rows - 1:,}")
    bundle = open_release(None, project.results)
    names = bundle.metadata.columns
    if lacking := [name for name in names if name not in table.schema.names]:
        what = f"The release needs columns that this table does not have: {', '.join(lacking[:5])}"
        raise ConfigError(what, hint="`phish explain --row` takes a row by its values")
    row = dict(zip(names, raw_rows(table, names, np.array([number]))[0], strict=True))
    is_its_table = loaded.manifest.parts.get("source.sha256") == bundle.metadata.data.sha256
    part = _part(project, number) if is_its_table else OTHER
    about = f"row {number:,}, label {_label(loaded.folder, number)}{part}"
    show_rows(shared, bundle, [row], REASONS, names=[about], places=[number] if is_its_table else ())


def _label(folder: Path, number: int) -> Any:
    """The label of a row, as the source has it."""
    import numpy as np

    from phishcli.documents.columns import LABEL
    from phishcli.tables.parquet import ParquetTable

    table = ParquetTable(folder / "target.parquet")
    return table.select(np.array([number]), [LABEL]).column(LABEL)[0].as_py()


def _part(project: Project, number: int) -> str:
    """Whether a model has learned from the row, where that is known and up to date."""
    entry = next(each.entry for each in project.plan("preprocess") if each.step.name == "preprocess")
    if entry is None:
        return ""
    split = entry.read("split.parquet")
    part = split.loc[split["row"] == number, "part"]
    return f", {PARTS.get(part.iloc[0], part.iloc[0])}" if len(part) else ", in neither part"
