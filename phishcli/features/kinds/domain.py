"""Names of domains and hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.features.kinds.host import PARTS, host_parts
from phishcli.features.kinds.kind import Kind, PartValue
from phishcli.features.ngrams import Grams

if TYPE_CHECKING:
    import pyarrow as pa

MOSTLY = 0.9
NAME = r"(?i)^\s*([a-z0-9_\p{L}-]+\.)+[a-z\p{L}][a-z0-9\p{L}-]+\.?(:\d+)?\s*$"


def _derive(text: str, _: str | None) -> tuple[PartValue, ...]:
    return host_parts(text.strip().partition(":")[0])


def _recognize(distinct: pa.Array) -> bool:
    import pyarrow.compute as pc

    return float(pc.mean(pc.match_substring_regex(distinct, NAME)).as_py()) >= MOSTLY


KIND = Kind(
    name="domain",
    title="domain names",
    parts=PARTS,
    derive=_derive,
    recognize=_recognize,
    grams=Grams(characters=(2, 3, 4), words=(1,)),
    rank=3,
)
