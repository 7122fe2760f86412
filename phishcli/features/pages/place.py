"""Where a reference leads: nowhere, to the site of the page, to another one, or to something that is no site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from phishcli.features.kinds.host import host_of, is_address, readable, split_host

Place = Literal["empty", "self", "external", "other", "unknown"]
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
PLAIN = re.compile(r"(?:https?://([a-zA-Z0-9.-]+)(?=[/?#]|\Z)|/[a-zA-Z0-9])")
"""A reference to a host, or to a path of the same one, without anything unusual."""
END = re.compile(r"[/?#]")
DROPPED = str.maketrans("", "", "\t\n\r")
BLANKS = "".join(map(chr, range(33)))
"""What browsers strip from both ends of an address."""
WEB = ("http", "https")
LONGEST = 255
"""Characters of the name of a host; more are no name."""


@lru_cache(maxsize=65_536)
def site_of(host: str) -> str:
    """The registered domain of a host, or the name below a shared-hosting suffix; an IP address is a site itself."""
    plain = readable(host[:LONGEST].lower().strip("."))
    return plain if is_address(plain) else split_host(plain).tenant


def tenant_of(url: str | None) -> str | None:
    """The registered domain of an address, with or without a scheme, or the name below a shared-hosting suffix."""
    return None if url is None else Home.of(url).site


@dataclass(frozen=True)
class Home:
    """What references start from.

    ``site`` is that of the page and ``base`` that of its relative references, which a ``base`` element may change;
    None where it is not known. ``scheme`` is that of the base, ``host`` the name that ``site`` comes from.
    """

    site: str | None
    base: str | None
    scheme: str = "https"
    host: str | None = None

    @classmethod
    def of(cls, url: str | None, base: str | None = None) -> Home:
        """Find it from the address of a page and the reference of its ``base`` element."""
        scheme, host = _parts(_absolute(url or ""))
        site = site_of(host) if host else None
        found = cls(site, site, scheme if scheme in WEB else "https", host.lower() if host else None)
        if base is None:
            return found
        base_scheme, base_host = _parts(_plain(base), found.scheme)
        if base_scheme not in WEB or not base_host:
            return found
        return cls(site, site_of(base_host), base_scheme, found.host)

    def place(self, reference: str) -> Place:
        """Say where a reference leads."""
        return self.resolve(reference)[0]

    def resolve(self, reference: str) -> tuple[Place, str | None]:
        """Say where a reference leads, and to which site; None where that is not known or it is none."""
        if (plain := PLAIN.match(reference)) is not None:  # most references, faster: what follows says the same
            site = site_of(plain[1]) if plain[1] else self.base
            return self._compared(site), site
        target = _plain(reference)
        if not target or target[0] == "#":
            return "empty", None
        scheme, host = _parts(target, self.scheme)
        if scheme not in WEB:
            return "empty" if scheme == "javascript" or target.lower() == "about:blank" else "other", None
        site = self.base if host is None else site_of(host)
        return self._compared(site), site

    def _compared(self, site: str | None) -> Place:
        if self.site is None:
            return "self" if site is None else "unknown"  # a relative reference, or one that cannot be compared
        return "self" if site == self.site else "external"


def _plain(reference: str) -> str:
    """A reference as browsers read it: without blanks at its ends and breaks in it."""
    plain = reference.strip(BLANKS)
    return plain.translate(DROPPED) if "\n" in plain or "\t" in plain or "\r" in plain else plain


def _absolute(url: str) -> str:
    """The address of a page, which may lack its scheme, as a reference; a port is no scheme."""
    plain = _plain(url)
    found = SCHEME.match(plain)
    has_scheme = found is not None and not plain[found.end() :][:1].isdigit()
    return plain if has_scheme or plain.startswith("//") or not plain else f"//{plain}"


def _parts(target: str, base_scheme: str = "https") -> tuple[str, str | None]:
    """The scheme of a reference, and its host; None where it names none, and so is relative."""
    found = SCHEME.match(target)
    scheme = found[0][:-1].lower() if found else base_scheme
    if scheme not in WEB:
        return scheme, None
    rest = target[found.end() if found else 0 :]
    rest = rest[:9].replace("\\", "/") + rest[9:]
    if not rest.startswith("//") and (found is None or scheme == base_scheme):
        return scheme, None
    location = END.split(rest.lstrip("/").replace("\\", "/"), maxsplit=1)[0]
    return scheme, host_of(location)[0]
