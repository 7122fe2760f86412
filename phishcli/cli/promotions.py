"""What ``phish models`` tells of promotions and of verdicts that change, and how it reads ages and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import typer

from phishcli.cli import console
from phishcli.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from phishcli.documents.promotion import Promotion
    from phishcli.serving.bundle import Bundle
    from phishcli.serving.flips import Flips

DAYS = re.compile(r"(\d{1,5})([dwh])")
UNITS = {"d": "days", "w": "weeks", "h": "hours"}


def flips_of_promotion(root: Path, alias: str, bundle: Bundle, rows: str | None) -> Flips | None:
    """Compare the verdicts of a release with those of the one that has the alias, if any has."""
    from phishcli.errors import PersistError
    from phishcli.serving.bundle import load_bundle
    from phishcli.serving.reference import find_named

    try:
        present = load_bundle(*find_named(alias, root))
    except PersistError:  # nothing to compare with
        return None
    return flips_between(present, bundle, rows)


def flips_between(before: Bundle, after: Bundle, rows: str | None) -> Flips | None:
    """Compare the verdicts of two releases on rows of a file, or on the test rows in the later one."""
    from phishcli.errors import DataError
    from phishcli.serving.flips import flips, proof_rows
    from phishcli.serving.listing import first_rows

    given = first_rows(rows) if rows else proof_rows(after)
    if given is None:
        return None
    try:
        return flips(before, after, given)
    except DataError as error:
        if rows:
            raise
        console.note(f"Verdicts cannot be compared: {error.what}", "yellow")
        return None


def tell_promotion(entry: Promotion, changes: Flips | None, *, json: bool) -> None:
    """Say what was promoted or proposed, and which verdicts change."""
    from phishcli.documents.base import plain_of
    from phishcli.render.releases import flips_table

    if json:
        console.show_json({**plain_of(entry), "flips": plain_flips(changes)})
        return
    before = f" (before: v{entry.before})" if entry.before else ""
    verb = "is proposed as" if entry.action == "propose" else "is now"
    model = f" ({entry.model})" if entry.before == entry.version else ""
    typer.echo(f"v{entry.version}{model} {verb} {entry.alias}{before}.")
    if entry.action == "propose":
        typer.echo(f"Someone else must approve it: phish models approve {entry.alias}")
    if changes is not None:
        console.show(flips_table(changes))


def plain_flips(changes: Flips | None) -> object:
    """Give changed verdicts as a document."""
    from dataclasses import asdict

    return None if changes is None else asdict(changes)


def age_of(text: str | None) -> timedelta | None:
    """Read an age such as ``90d``.

    Raises
    ------
    ConfigError
        When it is written otherwise.
    """
    if text is None:
        return None
    found = DAYS.fullmatch(text.strip())
    if not found or not int(found[1]):
        raise ConfigError(f"{text!r} is not an age", where="--expires", hint="Write 90d, 12w or 48h")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def time_of(text: str) -> str:
    """Read a time; one without a zone is local.

    Raises
    ------
    ConfigError
        When it cannot be read.
    """
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="microseconds")
    except ValueError:
        raise ConfigError(f"{text!r} is not a time", where="--at", hint='Write "2026-11-24 14:00"') from None
