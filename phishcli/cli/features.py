"""``phish features``: from saved pages to a table that every other command reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.common_options import Json, Quiet, Verbose
from phishcli.errors import CheckFailed, ConfigError, DataError
from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.features.pages.given import Given
    from phishcli.features.pages.table import Made

Pages = Annotated[
    Path | None,
    typer.Argument(help="Folder of HTML files, or a table of files and addresses.", show_default=False),
]
Output = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="A .parquet, .csv or .jsonl file.", show_default=False)
]
Urls = Annotated[
    Path | None,
    typer.Option("--urls", metavar="FILE", help="Addresses without pages, one per line.", show_default=False),
]
FileColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Column of files in the table; file by default.", show_default=False),
]
UrlColumn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Column of addresses in the table; url by default.", show_default=False),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH", help="Folder that files are relative to; by default that of the table.", show_default=False
    ),
]
Labels = Annotated[
    bool, typer.Option("--label-folders", help="Use the name of the first subfolder as the label of its pages.")
]
Join = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE", help="Add the columns of a table of domains or files; repeatable.", show_default=False
    ),
]
JoinOn = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Column of that table with files, addresses or domains.", show_default=False),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", help="Processes that read pages; -1 uses all cores.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 8 if a page was limited or not read.")]

SHOWN = 5
NOTHING = "Interrupted; no table was written."

commands = typer.Typer(help="Create tables of features.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands to the application."""
    app.add_typer(commands, name="features")


@commands.callback()
def group() -> None:
    """Create tables of features."""


@commands.command()
def extract(
    pages: Pages = None,
    *,
    output: Output,
    urls: Urls = None,
    file_column: FileColumn = None,
    url_column: UrlColumn = None,
    folder: Folder = None,
    label_folders: Labels = False,
    join: Join = None,
    join_on: JoinOn = None,
    jobs: Jobs = -1,
    strict: Strict = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Read the features of saved HTML pages into a table, one row a page; nothing is fetched or looked up."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.features.pages.output import check_name

        check_name(output)
        given = _given(pages, urls, file_column, url_column, folder, labeled=label_folders)
        made = _made(given, output, join or [], join_on, jobs, quiet=quiet or json)
        if json:
            from phishcli.documents.base import plain_of

            console.show_json(plain_of(made))
        elif not quiet or made.reasons:
            console.note(made.sentence(), "yellow" if made.reasons else "")
        _check(made, strict=strict)


def _given(
    pages: Path | None, urls: Path | None, file: str | None, url: str | None, folder: Path | None, *, labeled: bool
) -> Given:
    if (pages is None) == (urls is None):
        raise ConfigError("Name a folder or a table of pages, or use --urls FILE", where="phish features extract")
    if urls is not None:
        from phishcli.features.pages.addresses import pages_at

        return pages_at(urls)
    from phishcli.sources.readers.extras import library

    library("selectolax", "pages", "Pages", str(pages))
    if pages is not None and pages.is_dir():
        from phishcli.features.pages.folder import pages_in

        return pages_in(pages, labeled=labeled)
    from phishcli.features.pages.index import pages_of

    return pages_of(Path(str(pages)), file_column=file, url_column=url, folder=folder)


def _made(given: Given, output: Path, join: list[str], on: str | None, jobs: int, *, quiet: bool) -> Made:
    from joblib import cpu_count

    from phishcli.cli.display import displayed
    from phishcli.features.pages.joining import joining
    from phishcli.features.pages.table import write_table

    joined = [joining(each, on) for each in join]
    jobs = jobs if jobs > 0 else cpu_count()
    with displayed(quiet=quiet) as display:
        try:
            return write_table(given, output, joined=joined, jobs=jobs, on_event=display.on_event)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(NOTHING) from None


def _check(made: Made, *, strict: bool) -> None:
    most = "\n".join(f"{reason} ({number:,})" for reason, number in list(made.reasons.items())[:SHOWN])
    if made.pages == made.skipped:
        raise DataError("No page could be read", where=most, hint=f"{made.output} has the reason for each of them")
    if strict and made.reasons:
        what = f"Of {counted(made.pages, 'page')}, {made.limited:,} were limited and {made.skipped:,} not read"
        raise CheckFailed(what, where=most, hint=f"{made.output} has the reason for each of them")
