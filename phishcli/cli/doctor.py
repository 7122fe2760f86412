"""``phish doctor``: whether everything is there that a run needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.options import Shared, shares_options
from phishcli.errors import CheckFailed, ConfigError
from phishcli.wording import counted

if TYPE_CHECKING:
    from rich.table import Table

    from phishcli.cli.checkup import Finding
    from phishcli.config import Config

STYLES = {"ok": "green", "note": "yellow", "problem": "bold red"}
OPTIONS = {"cache": "--cache-dir", "results": "--results-dir"}


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("doctor")(doctor)


@shares_options
def doctor(shared: Shared) -> None:
    """Check libraries, machine, folders and a small run.

    The exit code is 8 if there is a problem.
    """
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.cli.checkup import problems

        found = list(_findings(shared))
        wrong = problems(found)
        if shared.json:
            from msgspec import to_builtins

            console.show_json({"healthy": not wrong, "checks": to_builtins(found)})
        elif not shared.quiet:
            console.show(_table(found))
        if wrong:
            where = "\n".join(f"{finding.name}: {finding.value}" for finding in wrong)
            hint = "\n".join(finding.hint for finding in wrong if finding.hint)
            raise CheckFailed(f"{counted(len(wrong), 'problem')} found", where=where, hint=hint or None)


def _findings(shared: Shared) -> Iterator[Finding]:
    from phishcli.cli import checkup
    from phishcli.cli.checkup import Finding
    from phishcli.config import Config

    yield from checkup.software()
    if checkup.problems(checkup.software()):
        return  # the rest needs the libraries
    yield from checkup.machine()
    config = Config()
    try:
        resolved = shared.resolve()
    except ConfigError as error:
        yield Finding("settings", str(error).replace("\n", "; "), "problem", error.hint)
    else:
        config = resolved.config
        origin = " and ".join(map(str, (*resolved.files, *filter(None, [resolved.last_run])))) or "the defaults"
        yield Finding("settings", f"{origin}; source {config.without_secrets().load.source}")
    yield from checkup.folders(_folders(config), OPTIONS)
    yield checkup.self_test()


def _folders(config: Config) -> dict[str, Path]:
    return {"cache": Path(config.run.cache_dir), "results": Path(config.run.results_dir)}


def _table(found: list[Finding]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for finding in found:
        mark = Text({"ok": "✓", "note": "·", "problem": "✗"}[finding.state], STYLES[finding.state])
        value = Text(finding.value)
        if finding.hint:
            value.append(f"\n{finding.hint}", "dim")
        table.add_row(mark, finding.name, value)
    return table
