"""``phish run-all --sweep``: every combination of some settings, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from phishcli.cli import console
from phishcli.cli.opened import open_project
from phishcli.cli.running import run_goals

if TYPE_CHECKING:
    from phishcli.cli.options import Shared
    from phishcli.events import Notice
    from phishcli.project import Run


def run_sweep(shared: Shared, given: Sequence[str]) -> None:
    """Run every combination of settings, and compare them; what all of them notice is said once."""
    from phishcli.cli.display import say_notices
    from phishcli.render.sweep import SweepTable
    from phishcli.sweep import combinations, compared, described

    runs: list[tuple[dict[str, str], Run]] = []
    held: list[Notice] = []
    for settings in combinations(given):
        sets = [*(shared.sets or ()), *(f"{key}={value}" for key, value in settings.items())]
        variant = replace(shared, sets=sets)
        project = open_project(replace(variant, quiet=shared.quiet or bool(runs)))
        if not (shared.quiet or shared.json):
            console.note(f"\n{described(settings)}", "bold")
        runs.append((settings, run_goals(project, ("evaluate",), variant, keep=False, held=held)))
    say_notices(held, quiet=shared.quiet or shared.json)
    found = compared(project.config.evaluate, runs)
    if shared.json:
        console.show_json(found.to_plain())
    else:
        console.show(SweepTable(found.metric, found.variants, found.verdict))
