"""``phish verify``: whether a release is what was written, and gives what it must on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.common_options import Json, Results, Verbose
from phishcli.errors import CheckFailed

if TYPE_CHECKING:
    from phishcli.serving.verify import Check

Release = Annotated[str, typer.Argument(metavar="RELEASE", help="A folder, version or alias; latest by default.")]
Strict = Annotated[bool, typer.Option("--strict", help="Fail if libraries have other versions than in training.")]
PublicKey = Annotated[
    Path | None,
    typer.Option(
        "--require-signature", metavar="KEY", help="Public key (PEM) that it must be signed with.", show_default=False
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("verify")(verify)


def verify(
    release: Release = "latest",
    *,
    strict: Strict = False,
    require_signature: PublicKey = None,
    results_dir: Results = Path("results"),
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Check a release without unpickling anything (exit code 8 if a check fails)."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.serving.reference import find_release
        from phishcli.serving.verify import verify as verified

        folder = find_release(release, results_dir / "artifacts").resolve()
        checks = verified(folder, strict=strict, public_key=require_signature)
        failed = [check for check in checks if check.state == "failed"]
        if json:
            console.show_json(_document(folder, checks))
        else:
            _show(folder, checks)
        if failed:
            raise CheckFailed(
                f"{folder.name} must not be used", where="\n".join(f"{each.name}: {each.detail}" for each in failed)
            )


def _document(folder: Path, checks: list[Check]) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "release": str(folder),
        "passed": all(check.state != "failed" for check in checks),
        "checks": [asdict(check) for check in checks],
    }


def _show(folder: Path, checks: list[Check]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    styles = {"passed": "green", "warning": "yellow", "failed": "bold red", "skipped": "dim"}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    for name in (folder.name, "Check", "Found"):
        table.add_column(name)
    for check in checks:
        table.add_row(Text(check.state, styles[check.state]), check.name, check.detail)
    console.show(table)
