"""Removes passwords and tokens from URLs before they are shown or written."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,40}://\S+")
"""An address in a text. The bound keeps the search linear: no scheme is longer, but a line of dots may be."""
_HOST = re.compile(r"(\[[^]]*\]|[^:]*)(:\d*)?")
"""A host with its port; anything else before an ``@`` is a password with an unencoded slash."""
_PARAMETERS = re.compile(r"(?:;|%3[Bb])[^/;]*=[^/]*")
"""Parameters of a part of the path: ``;token=...``, ``;jsessionid=...``; all of them may be secret."""


def shown(source: str) -> str:
    """Remove user, password, path parameters, query and fragment from a URL; a path is returned unchanged.

    Examples
    --------
    >>> shown("https://me:secret@host/sites.csv?token=secret")
    'https://host/sites.csv?...'
    >>> shown("https://host/data;token=secret/sites.csv")
    'https://host/data;.../sites.csv'
    >>> shown("data/sites.csv")
    'data/sites.csv'
    """
    scheme, mark, rest = source.partition("://")
    if not mark:
        return source
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in host:
        rest = host.rpartition("@")[2] + rest[len(host) :]
    elif not _HOST.fullmatch(host):
        rest = rest.rpartition("@")[2]
    place, query, _ = rest.partition("#")[0].partition("?")
    return f"{scheme}{mark}{_PARAMETERS.sub(';...', place)}{query and '?...'}"


def without_secrets(text: str) -> str:
    """Apply `shown` to every URL in a text."""
    return _ADDRESS.sub(lambda match: shown(match[0]), text) if "://" in text else text
