"""One page: its text, its elements, its address; parsed once and only as far as a feature asks."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

from phishcli.features.pages.moves import MOST, moved_to, refreshed_to
from phishcli.features.pages.place import Home, Place

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

NO_SCRIPT = ("json", "template", "text/html", "text/plain")
"""Parts of the types of script elements that hold data."""
HANDLERS = "[onclick],[onload],[onunload],[onbeforeunload],[onmouseover],[onmousemove],[onfocus],[onsubmit],[onkeydown]"
"""The attributes that usually hold scripts."""
WATCHED = (
    *("a", "area", "base", "button", "form", "frame", "iframe", "img", "input", "link", "meta", "script", "style"),
    "title",
)
"""The elements that features look at."""
ABSENT = "\0"
"""Stands for an attribute that is not there: no attribute holds a NUL character."""


class Page:
    """A page as features see it.

    Parameters
    ----------
    text
        The decoded file.
    url
        The address of the page, None where it is not known.
    """

    def __init__(self, text: str, url: str | None = None) -> None:
        self.text, self.url = text, url

    @cached_property
    def lines(self) -> list[str]:
        """The lines, which end with LF, CR LF or CR; no empty line follows the last end."""
        text = self.text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in self.text else self.text
        lines = text.split("\n")
        return lines if lines[-1] else lines[:-1]

    @cached_property
    def lower(self) -> str:
        """The text in lower case."""
        return self.text.lower()

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The parsed page."""
        from selectolax.lexbor import LexborHTMLParser

        return LexborHTMLParser(self.text)

    @cached_property
    def _watched(self) -> dict[str, list[LexborNode]]:
        found: dict[str, list[LexborNode]] = {tag: [] for tag in WATCHED}
        there = [tag for tag in WATCHED if f"<{tag}" in self.lower or (tag == "img" and "<image" in self.lower)]
        for node in self.tree.css(", ".join(there)) if there else ():  # each further name costs a comparison a node
            found[node.tag or ""].append(node)
        return found

    def elements(self, tag: str) -> list[LexborNode]:
        """All elements of one of the names in `WATCHED`."""
        return self._watched[tag]

    @cached_property
    def home(self) -> Home:
        """Where references of the page start from."""
        bases = (attribute(node, "href") for node in self.elements("base"))
        return Home.of(self.url, next((base for base in bases if base), None))

    @cached_property
    def links(self) -> Counter[tuple[Place, str | None]]:
        """Where the ``a`` and ``area`` elements with a reference lead, and to which site, with their numbers."""
        nodes = chain(self.elements("a"), self.elements("area"))
        references = Counter([node.attrs.get("href", ABSENT) for node in nodes])
        del references[ABSENT]
        found: Counter[tuple[Place, str | None]] = Counter()
        paths = 0
        for reference, times in references.items():
            if reference and reference[0] == "/" and reference[1:2].isalnum():  # most: paths on the same host
                paths += times
            else:
                found[self.home.resolve(reference or "")] += times
        if paths:
            found[self.home.resolve("/a")] += paths
        return found

    @cached_property
    def metas(self) -> dict[str, str]:
        """The content of meta elements by their name in lower case; the first one of a name counts."""
        found: dict[str, str] = {}
        for node in self.elements("meta"):
            name = attribute(node, "name").strip().lower()
            if name:
                found.setdefault(name, attribute(node, "content"))
        return found

    @cached_property
    def title(self) -> str:
        """The title on one line, empty where there is none; that of a drawing is none."""
        nodes = (node for node in self.elements("title") if node.parent is None or node.parent.tag != "svg")
        first = next(nodes, None)
        return "" if first is None else " ".join(first.text().split())

    @cached_property
    def redirects(self) -> list[str | None]:
        """The targets of redirects, `MOST` of them; None where a script computes one."""
        refreshes = (
            refreshed_to(attribute(node, "content"))
            for node in self.elements("meta")
            if attribute(node, "http-equiv").strip().lower() == "refresh"
        )
        moves = moved_to(self.script) if "location" in self.text else ()
        return list(islice(chain(filter(None, refreshes), moves), MOST))

    @cached_property
    def script(self) -> str:
        """The text of all scripts within the page."""
        return "\n".join(node.text() for node in self.elements("script") if _runs(node))

    @cached_property
    def handlers(self) -> str:
        """The text of scripts in attributes: what runs on a click or when the page is left."""
        nodes = self.tree.css(HANDLERS)
        values = chain.from_iterable(node.attributes.items() for node in nodes)
        links = (attribute(node, "href") for node in self.elements("a"))
        scripts = (link for link in links if link.lstrip()[:11].lower() == "javascript:")
        return "\n".join(chain((value or "" for name, value in values if name.startswith("on")), scripts))


def attribute(node: LexborNode, name: str) -> str:
    """The value of an attribute, empty where it is missing or has none."""
    return node.attrs.get(name) or ""


def _runs(node: LexborNode) -> bool:
    kind = attribute(node, "type").lower()
    return not any(part in kind for part in NO_SCRIPT)
