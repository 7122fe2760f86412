"""Whether a file exists, and what may be meant where it does not."""

from __future__ import annotations

from pathlib import Path

from phishcli.errors import DataError
from phishcli.sources.formats import accepted
from phishcli.wording import listed


def check_exists(path: Path) -> None:
    """Refuse what is not a file.

    Raises
    ------
    DataError
        If there is nothing, a folder, a device or a pipe under this name, or the name cannot be reached.
    """
    try:
        if path.is_file():
            return
        found = path.exists()
    except OSError as error:
        raise DataError(f"The source cannot be reached: {error.strerror or error}.", where=str(path)) from error
    if path.is_dir():
        raise DataError("The source is a folder, not a file.", where=str(path), hint=f"Name a file in it. {accepted()}")
    if found:
        raise DataError("The source is a device or a pipe, not a file.", where=str(path), hint=accepted())
    raise DataError("There is no such file.", where=str(path), hint=_near(path))


def _near(path: Path) -> str:
    from difflib import get_close_matches

    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    except OSError:
        return f"The folder {path.parent} does not exist or cannot be read; --source names the file."
    matches = get_close_matches(path.name, names)
    if matches:
        return f"Did you mean {listed(matches, 'or')}?"
    return "Check --source (load.source); 'sample' is the built-in data."
