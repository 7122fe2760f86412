"""``phish sample``: write the built-in synthetic data to a file, of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.common_options import Json, Verbose
from phishcli.sources.sample import DEFAULT_ROWS, DEFAULT_SEED
from phishcli.typed import option
from phishcli.wording import counted

Output = Annotated[Path, typer.Option("--output", "-o", help="A .db, .csv, .csv.gz or .parquet file.")]
Rows = Annotated[int, typer.Option("--rows", help="Number of rows, e.g. 5_000_000.", parser=int)]
Seed = Annotated[int, typer.Option("--seed", help="Random seed; the same seed and rows give the same table.")]
Force = Annotated[bool, typer.Option("--force", "-f", help="Replace the file if it exists.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("sample")(sample)


def sample(
    *,
    output: Output = Path("sample.db"),
    rows: Rows = DEFAULT_ROWS,
    seed: Seed = DEFAULT_SEED,
    force: Force = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Write a synthetic sample table of any size."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.cli.display import displayed
        from phishcli.sources.sample import write_sample

        with displayed(quiet=quiet or json) as display:
            write_sample(output, rows=rows, seed=seed, force=force, on_event=display.on_event)
        if json:
            console.show_json({"path": str(output), "rows": rows, "seed": seed, "bytes": output.stat().st_size})
        elif not quiet:
            typer.echo(
                f"Wrote {counted(rows, 'synthetic row')} to {output}; try: phish run-all {option('--source', output)}"
            )
