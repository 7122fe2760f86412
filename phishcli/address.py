"""Addresses as they may be shown and written: without the passwords and tokens that may stand in them."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]*://\S+")
_HOST = re.compile(r"(\[[^]]*\]|[^:]*)(:\d*)?")
"""A host with its port; anything else before an ``@`` is a password in which a slash was not encoded."""


def shown(source: str) -> str:
    """Give a source as it may be shown: an address without user, password, query and fragment; a path as it is.

    Examples
    --------
    >>> shown("https://me:secret@host/sites.csv?token=secret")
    'https://host/sites.csv?...'
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
    return f"{scheme}{mark}{place}{query and '?...'}"


def without_secrets(text: str) -> str:
    """Do the same to every address in a text."""
    return _ADDRESS.sub(lambda match: shown(match[0]), text)
