"""A file on this machine: a path, or an address that begins with ``file://``."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from phishcli.address import shown
from phishcli.errors import DataError
from phishcli.sources.file_source import FileSource, open_file
from phishcli.sources.kinds import SourceKind
from phishcli.sources.source import Request


def _always(_: str) -> bool:
    return True


def locate(request: Request) -> FileSource:
    """Find and hash the file."""
    return open_file(_path_of(request.source), request)


def _path_of(source: str) -> Path:
    if "://" not in source:
        return Path(os.path.expanduser(source))  # noqa: PTH111 - Path.expanduser fails on an unknown user
    address = urlsplit(source)
    if address.scheme != "file":
        raise DataError(
            f"Addresses that start with {address.scheme}:// are not supported.",
            where=shown(source),
            hint="Use http://, https:// or file://, or download the file and give its path.",
        )
    if address.netloc not in ("", "localhost"):
        raise DataError(
            f"A file address cannot name another machine, here {address.hostname!r}.",
            where=shown(source),
            hint="Write three slashes: file:///folder/data.csv",
        )
    return Path(unquote(address.path))


KIND = SourceKind(matches=_always, locate=locate, locate_offline=locate, fallback=True)
