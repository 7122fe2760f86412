"""What is said of settings, said in the options of ``phish predict``, which reads no configuration."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from phishcli.errors import PhishError

OPTIONS = {"load.table": "--table", "load.query": "--query"}
"""The settings of a source that the command has an option for."""
COPY = "Store the rows in a file of this disk, and name that."
"""What helps where a limit cannot be moved."""
_SETTING = re.compile(
    r"""--set\ (?P<word>(?:'[^']*'|"[^"]*"|[^\s'",?])+?)(?=[.,?]?(?:\s|$)) | \b(?P<key>load\.(?:table|query))\b""",
    re.VERBOSE,
)
"""An option with one word of a shell, or a key alone."""


@contextmanager
def said_in_options() -> Iterator[None]:
    """Rewrite the errors of sources and readers.

    Raises
    ------
    PhishError
        The error of the same kind, whose place and hint name options instead of settings.
    """
    try:
        yield
    except PhishError as error:
        where, hint = (None if text is None else in_options(text) for text in (error.where, error.hint))
        raise type(error)(in_options(error.what), where=where, hint=hint) from error


def in_options(text: str) -> str:
    """Name options instead of settings.

    Examples
    --------
    >>> in_options("Choose one, for example --set load.table=sites, or give load.query.")
    'Choose one, for example --table=sites, or give --query.'
    >>> in_options("If that is expected: --set run.max_download=100, or read less with load.query.")
    'Store the rows in a file of this disk, and name that.'
    """
    if "--set run.max_download" in text:
        return COPY
    return _SETTING.sub(_option, text)


def _option(found: re.Match[str]) -> str:
    if found["key"]:
        return OPTIONS[found["key"]]
    key, _, value = "".join(shlex.split(found["word"])).partition("=")
    plain = re.sub(r'\\(["\\])', r"\1", value[1:-1]) if value.startswith('"') else value
    return f"{OPTIONS[key]}={shlex.quote(plain)}" if key in OPTIONS else found[0]
