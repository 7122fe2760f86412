"""Where the program ``phish`` starts: Ctrl-C is looked after before anything else is imported."""

from __future__ import annotations


def main() -> None:
    """Run the program."""
    from phishcli.cli import interrupts

    interrupts.install()
    try:
        from phishcli.cli.app import main as run

        run()
    except KeyboardInterrupt:
        interrupts.end_now()
