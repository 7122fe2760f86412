"""``phish features extract``: from saved pages to a table of what they show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.errors import ConfigError, DataError

if TYPE_CHECKING:
    import pyarrow as pa

Source = Annotated[Path, typer.Argument(help="A folder of pages, or a table with the columns file and url.")]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A .parquet, .csv or .jsonl file.")]
Join = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A table to add by file, url or tenant, such as ages of domains."),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", help="Processes; -1 uses all cores.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only warnings and errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the traceback of an unexpected error.")]
WRITES = (".parquet", ".csv", ".jsonl")


app = typer.Typer(help="Make tables of features.", no_args_is_help=True)


@app.callback()
def features() -> None:
    """Make tables of features."""


@app.command()
def extract(
    source: Source,
    output: Output,
    *,
    join: Join = None,
    jobs: Jobs = -1,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Read what saved HTML pages show: lines, references, forms, scripts; nothing is fetched."""
    with boundary(verbose=verbose):
        if output.suffix.lower() not in WRITES:
            raise ConfigError(
                f"{output.name} has no known format", hint=f"Name a file that ends in {', '.join(WRITES)}"
            )
        from joblib import cpu_count

        from phishcli.cli.display import displayed
        from phishcli.features.pages.folder import joined, pages_of, read_pages, said

        _needs_parser(source)
        pages = pages_of(source)
        with displayed(quiet=quiet) as display:
            table = read_pages(pages, jobs=jobs if jobs > 0 else cpu_count(), on_event=display.on_event)
        if join is not None:
            table = joined(table, _table(join))
        _write(table, output)
        console.note(f"{said(table)}; {len(table.schema)} columns in {output}", "dim")


def _needs_parser(source: Path) -> None:
    from phishcli.sources.readers.extras import library

    if not source.exists():
        raise DataError("There is no such folder or table.", where=str(source.absolute()))
    library("selectolax", "pages", "Pages", str(source))


def _table(path: Path) -> pa.Table:
    import tempfile

    from phishcli.sources.locate import locate
    from phishcli.tables.memory import MemoryTable

    with tempfile.TemporaryDirectory() as copies:
        rows = locate(str(path), cache=Path(copies)).read()
        return MemoryTable.of_batches(rows.schema, rows.batches).data


def _write(table: pa.Table, path: Path) -> None:
    """Write the table; it appears under its name when it is complete."""
    from phishcli.files import appearing_file

    with appearing_file(path) as part:
        _written(table, part, path.suffix.lower())


def _written(table: Any, part: Path, suffix: str) -> None:
    from pyarrow import csv, parquet

    if suffix == ".parquet":
        parquet.write_table(table, part)
    elif suffix == ".csv":
        csv.write_csv(table, part)
    else:
        import msgspec

        part.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in table.to_pylist()))
