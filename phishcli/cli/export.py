"""``phish export``: a release in the formats of others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.common_options import Json, Results, Verbose
from phishcli.cli.opened import open_release
from phishcli.cli.verify import PublicKey

Release = Annotated[
    str | None,
    typer.Argument(
        metavar="RELEASE", help="champion, latest, v1.2.0 or a folder; append :NAME for one model.", show_default=False
    ),
]
Format = Annotated[
    Literal["onnx", "mlflow", "skops", "joblib", "pickle", "docker"], typer.Option("--format", help="What to write.")
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Folder to create.", show_default=False)
]
Bom = Annotated[bool, typer.Option("--bom", help="Also write a CycloneDX bill of materials of the model.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("export")(export)


def export(
    release: Release = None,
    *,
    format_: Format = "onnx",
    output: Output = None,
    bom: Bom = False,
    require_signature: PublicKey = None,
    results_dir: Results = Path("results"),
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Export a release, checked against its proof."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.serving import exports
        from phishcli.serving.bom import write_bom

        bundle = open_release(release, results_dir, require_signature)
        about = bundle.metadata
        target = output or Path(f"{about.model}-v{about.version}-{format_}")
        difference = exports.export(bundle, format_, target)
        if bom:
            write_bom(bundle, target / "bom.cdx.json")
        files = sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())
        if json:
            console.show_json({"folder": str(target), "format": format_, "difference": difference, "files": files})
            return
        typer.echo(f"{about.model} v{about.version} as {format_}: {target}")
        if difference is not None:
            typer.echo(f"It gives the probabilities of the release; the largest difference is {difference:.1g}.")
