"""What the name of a host shows, by its text alone; shared by web addresses, e-mail addresses and domain names."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from phishcli.features.kinds.brands import BRANDS, holds_brand, imitates
from phishcli.features.kinds.kind import Part, PartValue
from phishcli.features.kinds.shape import entropy, share

if TYPE_CHECKING:
    from tldextract import TLDExtract

TOKENS = re.compile(r"[a-z0-9]+")
LURES = re.compile(
    r"account|alert|bank|billing|bonus|claim|confirm|credential|free|gift|invoice|limited|login|logon|password|payment|"
    r"prize|recover|reward|secur|service|signin|sign-in|support|suspend|unlock|update|urgent|validat|verif|wallet|webscr"
)
"""Words with which a page asks for a secret, or hurries its reader."""
VOWELS = frozenset("aeiou")

PARTS = (
    Part("host.length", "length of the host"),
    Part("host.labels", "number of labels in the host"),
    Part("host.subdomains", "number of subdomains"),
    Part("host.longest", "length of the longest label in the host"),
    Part("host.digits", "share of digits in the host"),
    Part("host.hyphens", "number of hyphens in the host"),
    Part("host.vowels", "share of vowels in the host"),
    Part("host.entropy", "entropy of the host, in bits per character"),
    Part("host.ip", "whether the host is an IP address"),
    Part("host.punycode", "whether the host is written in punycode"),
    Part("host.scripts", "number of scripts in the host"),
    Part("host.lures", "number of lure words in the host"),
    Part("host.brand", "whether the host names a brand outside its registered domain"),
    Part("host.imitation", "whether a word in the host nearly matches a brand"),
    Part("host.shared", "whether the host is below a suffix for shared hosting"),
    Part("suffix", "public suffix", "high_cardinality"),
    Part("tenant", "registered domain, or the name below a shared-hosting suffix", "high_cardinality"),
)
"""What `host_parts` gives, in its order."""


class Split(NamedTuple):
    """A host: what stands before its tenant, the tenant, its public suffix, and whether that is for shared hosting."""

    subdomain: str
    tenant: str
    suffix: str
    shared: bool


@cache
def _extract() -> TLDExtract:
    """The list of public suffixes that comes with the library; nothing is fetched or written."""
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=262_144)
def split_host(host: str) -> Split:
    """Split the name of a host, in lower case."""
    found = _extract().extract_str(host)
    if not found.suffix or not found.domain:
        return Split("", host, found.suffix, False)
    return Split(found.subdomain, f"{found.domain}.{found.suffix}", found.suffix, found.is_private)


def host_parts(host: str) -> tuple[PartValue, ...]:
    """Describe the name of a host."""
    host = host.lower().strip(".")
    address = is_address(host)
    split = Split("", host, "", False) if address else split_host(host)
    labels = host.split(".")
    own = split.tenant.removesuffix(split.suffix).strip(".")
    tokens = TOKENS.findall(readable(host.removesuffix(split.suffix)))
    return (
        float(len(host)),
        float(len(labels)),
        0.0 if address or not split.subdomain else float(split.subdomain.count(".") + 1),
        float(max(map(len, labels))),
        share(host, str.isdigit),
        float(host.count("-")),
        share(host, VOWELS.__contains__),
        entropy(host),
        float(address),
        float("xn--" in host),
        float(scripts(readable(host))),
        float(len(LURES.findall(host))),
        float(holds_brand(split.subdomain) or (holds_brand(own) and own not in BRANDS)),
        float(any(imitates(token) for token in tokens)),
        float(split.shared),
        split.suffix or None,
        split.tenant or None,
    )


def is_address(host: str) -> bool:
    """Whether a host is an IP address, in any of the spellings that browsers take."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return bool(re.fullmatch(r"0x[0-9a-f]{1,8}|[0-9]{8,10}|(0x[0-9a-f]+|[0-9]+)(\.(0x[0-9a-f]+|[0-9]+)){3}", host))
    return True


def readable(host: str) -> str:
    """The host with punycode labels in their own script, where they are valid."""
    if "xn--" not in host:
        return host
    return ".".join(map(_label, host.split(".")))


def _label(label: str) -> str:
    try:
        return label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label
    except (UnicodeError, ValueError):
        return label


def scripts(text: str) -> int:
    """The number of alphabets among the letters of a text, by the first word of their Unicode names."""
    if text.isascii():
        return 1 if any(map(str.isalpha, text)) else 0
    return len({unicodedata.name(letter, "?").split()[0] for letter in text if letter.isalpha()})


def host_of(location: str) -> tuple[str, Any]:
    """Split ``user@host:port`` into the host and the port, None where there is no valid one."""
    location = location.rpartition("@")[2]
    host, mark, port = location.rpartition(":")
    if not mark or "]" in port or not port.isdigit():
        return location.strip("[]"), None
    return host.strip("[]"), int(port[:9])
