"""Where the program ``phish`` starts: Ctrl-C is looked after before anything else is imported."""

from __future__ import annotations

import gc
import os

USUAL_THRESHOLD = gc.get_threshold()
"""How often Python collects garbage by default."""
STARTUP_THRESHOLD = 100_000
"""Allocations between two collections of garbage while the program starts; see `phishcli.cli.running.run_goals`."""


def main() -> None:
    """Run the program."""
    from phishcli.cli import interrupts

    interrupts.install()
    gc.set_threshold(STARTUP_THRESHOLD)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # pydantic would look through every installed package
    try:
        from phishcli.cli.app import main as run

        run()
    except KeyboardInterrupt:
        interrupts.end_now()
