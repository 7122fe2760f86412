"""Why there is no file under a name, and which one may be meant."""

from __future__ import annotations

import shlex
from pathlib import Path

from phishcli.errors import DataError
from phishcli.sources.formats import accepted
from phishcli.wording import listed


def explained(path: Path) -> DataError:
    """The error for a name that is a folder, a device or a pipe, or that does not exist."""
    if path.is_dir():
        hint = f"Name a file in it. {accepted()}"
        return DataError("The source is a folder, not a file.", where=str(path), hint=hint)
    if path.exists():
        hint = "Pipe it into the program instead: ... | phish run-all --source -"
        return DataError("The source is a device or a pipe, not a file.", where=str(path), hint=hint)
    return DataError("There is no such file.", where=str(path.absolute()), hint=_near(path))


def _near(path: Path) -> str:
    from difflib import get_close_matches

    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    except OSError:
        return f"The folder {path.parent} does not exist or cannot be read; check the path."
    matches = get_close_matches(path.name, names)
    if matches:
        return f"Did you mean {listed([shlex.quote(str(path.with_name(name))) for name in matches], 'or')}?"
    return "Check the path; a source called sample is the built-in data."
