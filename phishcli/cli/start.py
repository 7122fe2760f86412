"""Where the program ``phish`` starts: Ctrl-C is looked after before anything else is imported."""

from __future__ import annotations

import os


def main() -> None:
    """Run the program."""
    from phishcli.cli import interrupts

    interrupts.install()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # pydantic would look through every installed package
    try:
        from phishcli.cli.app import main as run

        run()
    except KeyboardInterrupt:
        interrupts.end_now()
