"""Web addresses: scheme, host, path and query, parsed from the text; nothing is looked up or opened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from phishcli.features.kinds.brands import holds_brand
from phishcli.features.kinds.host import LURES, host_of, host_parts
from phishcli.features.kinds.host import PARTS as HOST_PARTS
from phishcli.features.kinds.kind import Kind, Part, PartValue
from phishcli.features.kinds.shape import entropy, share
from phishcli.features.ngrams import Grams

if TYPE_CHECKING:
    import pyarrow as pa

MOSTLY = 0.9
SCHEME = r"(?i)^\s*[a-z][a-z0-9+.-]*://\S+\s*$"
BARE = r"(?i)^\s*(www\.)?([a-z0-9_\p{L}-]+\.)+[a-z\p{L}][a-z0-9\p{L}-]+(:\d+)?(/\S*)?\s*$"
WITH_PATH = r"(?i)^\s*[^/\s]+/\S+\s*$"
"""An address without a scheme is one of a page only where some have a path."""
SOME = 0.1
USUAL_PORTS = {None: True, 80: True, 443: True}
FILE = re.compile(r"\.([a-z0-9]{1,5})$")

PARTS = (
    Part("length", "length"),
    Part("scheme", "scheme", "categorical"),
    Part("port", "whether an unusual port is given"),
    Part("user", "whether there is an @ before the host"),
    *HOST_PARTS,
    Part("path.length", "length of the path"),
    Part("path.depth", "number of folders in the path"),
    Part("path.digits", "share of digits in the path"),
    Part("path.entropy", "entropy of the path, in bits per character"),
    Part("path.longest", "length of the longest part of the path"),
    Part("path.lures", "number of lure words in path and query"),
    Part("path.brand", "whether path or query names a brand"),
    Part("path.file", "file extension", "high_cardinality"),
    Part("path.double", "whether the path holds //"),
    Part("query.length", "length of the query"),
    Part("query.parameters", "number of parameters"),
    Part("fragment", "whether there is a fragment"),
    Part("escapes", "number of percent escapes"),
    Part("digits", "share of digits"),
    Part("marks", "share of characters that are neither letters nor digits"),
)


class _Pieces(NamedTuple):
    """What an address is put together from; empty where it has none."""

    scheme: str
    location: str
    path: str
    query: str
    mark: str
    """The mark before a fragment, which may be empty itself."""


def _taken_apart(address: str) -> _Pieces:
    scheme, mark, rest = address.partition("://")
    if not mark or not scheme.isascii() or "/" in scheme:
        scheme, rest = "", address
    rest, hash_mark, _fragment = rest.partition("#")
    rest, _question, query = rest.partition("?")
    location, _slash, path = rest.partition("/")
    return _Pieces(scheme, location, path, query, hash_mark)


def _derive(text: str, _: str | None) -> tuple[PartValue, ...]:
    address = text.strip()
    scheme, location, path, query, hash_mark = _taken_apart(address)
    host, port = host_of(location.replace("\\", "/").partition("/")[0])
    tail = f"{path}?{query}".lower()
    file = FILE.search(path.lower())
    return (
        float(len(address)),
        scheme.lower() or None,
        float(port not in USUAL_PORTS),
        float("@" in location),
        *host_parts(host),
        float(len(path)),
        float(sum(1 for part in path.split("/") if part)),
        share(path, str.isdigit),
        entropy(path),
        float(max(map(len, path.split("/")))),
        float(len(LURES.findall(tail))),
        float(holds_brand(tail)),
        file[1] if file else None,
        float("//" in path),
        float(len(query)),
        float(len([each for each in query.split("&") if each])),
        float(bool(hash_mark)),
        float(address.count("%")),
        share(address, str.isdigit),
        1.0 - share(address, str.isalnum) if address else 0.0,
    )


def _recognize(distinct: pa.Array) -> bool:
    import pyarrow.compute as pc

    def matching(pattern: str) -> float:
        return float(pc.mean(pc.match_substring_regex(distinct, pattern)).as_py())

    return matching(SCHEME) >= MOSTLY or (
        matching(f"({SCHEME})|({BARE})") >= MOSTLY and matching(f"({SCHEME})|({WITH_PATH})") >= SOME
    )


KIND = Kind(
    name="url",
    title="web addresses",
    parts=PARTS,
    derive=_derive,
    recognize=_recognize,
    grams=Grams(characters=(3, 4, 5), words=(1,)),
    rank=2,
)
