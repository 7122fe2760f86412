"""IP addresses: what the address itself says; nothing is looked up."""

from __future__ import annotations

import ipaddress
import math
from typing import TYPE_CHECKING

from phishcli.features.kinds.kind import Kind, Part, PartValue

if TYPE_CHECKING:
    import pyarrow as pa

MOSTLY = 0.9
ADDRESS = r"^\s*(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7})(/\d{1,3})?\s*$"

PARTS = (
    Part("version", "version (4 or 6)"),
    Part("private", "whether it is private"),
    Part("special", "whether it is reserved, local or multicast"),
    Part("number", "value as a number, as a share of all addresses"),
    Part("network", "first half of the address", "high_cardinality"),
    Part("block", "first three quarters of the address", "high_cardinality"),
)


def _derive(text: str, _: str | None) -> tuple[PartValue, ...]:
    try:
        found = ipaddress.ip_address(text.strip().partition("/")[0])
    except ValueError:
        return (math.nan, math.nan, math.nan, math.nan, None, None)
    special = found.is_reserved or found.is_loopback or found.is_link_local or found.is_multicast
    bits = found.max_prefixlen
    return (
        float(found.version),
        float(found.is_private),
        float(special or found.is_unspecified),
        int(found) / 2**bits,
        _network(found, bits // 2),
        _network(found, bits * 3 // 4),
    )


def _network(address: ipaddress.IPv4Address | ipaddress.IPv6Address, prefix: int) -> str:
    return str(ipaddress.ip_network((address, prefix), strict=False))


def _recognize(distinct: pa.Array) -> bool:
    import pyarrow.compute as pc

    return float(pc.mean(pc.match_substring_regex(distinct, ADDRESS)).as_py()) >= MOSTLY


KIND = Kind(name="ip", title="IP addresses", parts=PARTS, derive=_derive, recognize=_recognize, rank=0)
