"""E-mail addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.features.kinds.host import LURES, host_parts
from phishcli.features.kinds.host import PARTS as HOST_PARTS
from phishcli.features.kinds.kind import Kind, Part, PartValue
from phishcli.features.kinds.shape import entropy, share
from phishcli.features.ngrams import Grams

if TYPE_CHECKING:
    import pyarrow as pa

MOSTLY = 0.9
ADDRESS = r"(?i)^\s*(.{0,100}<)?[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+>?\s*$"

PARTS = (
    Part("name.length", "length of the name before the @"),
    Part("name.digits", "share of digits in the name before the @"),
    Part("name.entropy", "entropy of the name before the @, in bits per character"),
    Part("name.marks", "number of dots, dashes and underscores before the @"),
    Part("name.lures", "number of lure words before the @"),
    Part("display", "whether a display name is given"),
    *HOST_PARTS,
)


def _derive(text: str, _: str | None) -> tuple[PartValue, ...]:
    display, mark, rest = text.strip().rpartition("<")
    name, _at, host = rest.strip("<> ").rpartition("@")
    return (
        float(len(name)),
        share(name, str.isdigit),
        entropy(name.lower()),
        float(sum(name.count(each) for each in "._-")),
        float(len(LURES.findall(name.lower()))),
        float(bool(mark and display.strip())),
        *host_parts(host),
    )


def _recognize(distinct: pa.Array) -> bool:
    import pyarrow.compute as pc

    return float(pc.mean(pc.match_substring_regex(distinct, ADDRESS)).as_py()) >= MOSTLY


KIND = Kind(
    name="email",
    title="e-mail addresses",
    parts=PARTS,
    derive=_derive,
    recognize=_recognize,
    grams=Grams(characters=(3, 4), words=(1,)),
    rank=1,
)
