"""Files in the store of a cloud: ``s3://bucket/sites.parquet``, a folder or a pattern; also ``gs://`` and ``az://``.

Each file is kept as a copy by its address and its version (``ETag``): only what has changed is downloaded again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.address import shown
from phishcli.errors import DataError
from phishcli.events import Notice
from phishcli.sources.cached import find_copies, is_whole, keep, unfinished
from phishcli.sources.hashes import check_hash, file_hash
from phishcli.sources.kinds import SourceKind
from phishcli.sources.source import Request, Source

if TYPE_CHECKING:
    from phishcli.sources.buckets import Object
    from phishcli.sources.file_source import FileSource

SCHEMES = ("s3", "gs", "gcs", "az", "abfs", "abfss")
LISTING = "files.json"
LISTED = "listing"
"""Takes the place of a version in the name of a listing."""
NAME_LENGTH = 36


def matches(source: str) -> bool:
    """Whether it is the address of such a store."""
    scheme, mark, _ = source.partition("://")
    return bool(mark) and scheme.lower() in SCHEMES


def locate(request: Request) -> Source:
    """Download what is not in the cache yet; copies of an expected hash need no request.

    Raises
    ------
    DataError
        When the store cannot be read, or holds no such file.
    """
    from phishcli.sources.buckets import Unreachable, explained

    if request.sha256 is not None and (known := locate_offline(request)):
        return known
    try:
        with explained(request):
            return _present(request)
    except Unreachable as error:
        earlier = locate_offline(request)
        if earlier is None:
            raise
        request.on_event(Notice(f"{error.what} An earlier copy is used.", "warning"))
        return earlier


def locate_offline(request: Request) -> Source | None:
    """Find the copies that were used last, or those of the expected hash."""
    for listing in find_copies(request.cache, _prefix(request.source, LISTED)):
        names = json.loads(listing.read_bytes()) if is_whole(listing, file_hash(listing)) else {}
        if found := _offline(request, listing, names):
            return found
    return None


def _offline(request: Request, listing: Path, names: dict[str, str]) -> Source | None:
    from phishcli.sources.file_source import open_cached

    parts = [open_cached(_plain(request), request.cache / copy) for copy in names.values()]
    whole = [part for part in parts if part is not None]
    if not names or len(whole) < len(names):
        return None
    try:
        return _source(request, list(names), whole, listing)
    except DataError:  # another hash than the expected one
        return None


def _present(request: Request) -> Source:
    """What the store holds now; which copies belong together is noted for commands that do without the network."""
    from phishcli.sources.bucket_address import Address
    from phishcli.sources.buckets import check_size, objects, opened

    address = Address.of(request.source)
    store = opened(address)
    found = objects(store, address)
    check_size(found, request)
    parts = [_copy(store, each, request) for each in found]
    names = [""] if [each.path for each in found] == [address.path] else [each.name for each in found]
    copies = {name: part.path.name for name, part in zip(names, parts, strict=True)}
    with unfinished(request.cache) as folder:
        (folder / LISTING).write_text(json.dumps(copies), encoding="utf-8")
        listing = keep(folder / LISTING, request.cache, _prefix(request.source, LISTED), LISTING)
    listing.touch()
    return _source(request, names, parts, listing)


def _source(request: Request, names: list[str], parts: list[FileSource], listing: Path) -> Source:
    from phishcli.sources.files_source import joined

    if names != [""]:
        return joined(parts, names, shown(request.source), request.sha256, kept=[listing])
    check_hash(parts[0].sha256, request.sha256, shown(request.source))
    return msgspec.structs.replace(parts[0], kept=(listing,))


def _copy(store: Any, wanted: Object, request: Request) -> FileSource:
    from phishcli.sources.file_source import open_copy

    return open_copy(_plain(request), lambda changed: _provided(store, wanted, request, changed))


def _provided(store: Any, wanted: Object, request: Request, changed: Collection[Path]) -> Path:
    from phishcli.sources.buckets import download

    prefix = _prefix(f"{request.source.partition('://')[0].lower()}://{wanted.path}", wanted.version)
    present = next((copy for copy in find_copies(request.cache, prefix) if copy not in changed), None)
    if present is not None:
        return present
    name = wanted.path.rpartition("/")[2][-NAME_LENGTH:]
    with unfinished(request.cache) as folder:
        download(store, wanted, folder / "part", request)
        return keep(folder / "part", request.cache, prefix, name)


def _plain(request: Request) -> Request:
    return msgspec.structs.replace(request, sha256=None)


def _prefix(address: str, version: str) -> str:
    """How the name of a copy begins, as that of a download."""
    one, other = (hashlib.sha256(text.encode()).hexdigest()[:16] for text in (address, version))
    return f"{one}-{other}"


KIND = SourceKind(matches=matches, locate=locate, locate_offline=locate_offline)
