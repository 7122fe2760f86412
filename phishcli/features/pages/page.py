"""One page as its features: each is declared with its definition, all are counted in one pass over the elements."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from phishcli.features.kinds.host import host_of, split_host

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

LARGEST = 5_000_000
"""Bytes of a page that are looked at; what follows is cut off, and the page is marked as limited."""
MOST_ELEMENTS = 200_000
"""Elements that are looked at."""
DEEPEST = 5_000
"""Tags that are open at once; a page with more is flattened before it is parsed, and marked as limited."""
DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""")
WATCHED = "a, area, link, img, iframe, frame, form, input, button, script, style, meta, title"
MOVES = re.compile(r"""(?:location(?:\.href)?\s*=|location\.(?:replace|assign)\s*\()\s*["']([^"'\s]{1,2000})["']""")
POPUPS = re.compile(r"\bwindow\.open\s*\(")
REFRESH = re.compile(r"url\s*=\s*['\"]?([^'\"]{1,2000})", re.IGNORECASE)
SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{0,30}):")
PATH = re.compile(r"[/?#\\]")
WORD = re.compile(r"[a-z0-9]{3,}")
EMPTY = ("", "#", "javascript:void(0)", "javascript:void(0);", "javascript:;", "about:blank")
SOCIAL = ("facebook.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com")


@dataclass
class Page:
    """A page that is being counted."""

    url: str | None
    counts: Counter[str] = field(default_factory=Counter)
    title: str = ""

    @cached_property
    def tenant(self) -> str | None:
        """The registered domain of the page itself, or the name below a suffix for shared hosting."""
        return tenant_of(self.url) if self.url else None

    def target(self, reference: str | None) -> str:
        """Where a reference leads: ``empty``, ``self``, ``external``, or ``other``, such as a mail address.

        Without the address of the page every reference with a host is external.
        """
        text = (reference or "").strip()
        if text.startswith("#") or text.lower() in EMPTY:
            return "empty"
        scheme = SCHEME.match(text)
        if scheme is None and not text.startswith("//"):
            return "self"
        if scheme is not None and scheme[1].lower() not in ("http", "https"):
            return "other"
        tenant = tenant_of(text)
        return "self" if tenant is not None and tenant == self.tenant else "external"


def tenant_of(url: str) -> str | None:
    """The tenant of an absolute address; None where it has no host."""
    location = PATH.split(url.partition("//")[2], maxsplit=1)[0]
    host, _ = host_of(location)
    return split_host(host.lower()).tenant if host else None


@dataclass(frozen=True)
class PageFeature:
    """One feature: its name, its definition in a sentence, and how it follows from what was counted."""

    name: str
    definition: str
    value: Callable[[Page], float | None]


def _count(key: str) -> Callable[[Page], float | None]:
    return lambda page: float(page.counts[key])


def _flag(key: str) -> Callable[[Page], float | None]:
    return lambda page: float(page.counts[key] > 0)


def _match(page: Page) -> float | None:
    """The share of the words of the title that stand in the host."""
    words = WORD.findall(page.title.lower())
    if not page.url:
        return None
    host = PATH.split(page.url.partition("//")[2] or page.url, maxsplit=1)[0].lower()
    return sum(word in host for word in words) / len(words) if words else 0.0


FEATURES = (
    PageFeature("LineOfCode", "Lines of the page.", _count("lines")),
    PageFeature("LargestLineLength", "Characters of its longest line.", _count("longest")),
    PageFeature(
        "NoOfURLRedirect",
        "Redirects to another tenant: meta refresh, or a script that assigns `location`.",
        _count("move external"),
    ),
    PageFeature("NoOfSelfRedirect", "Redirects to the page's own tenant.", _count("move self")),
    PageFeature("NoOfPopup", "Calls of `window.open` in its scripts.", _count("popups")),
    PageFeature("NoOfiFrame", "Frames: `iframe` and `frame`.", _count("frames")),
    PageFeature("NoOfImage", "Images: `img`.", _count("images")),
    PageFeature(
        "NoOfSelfRef", "Links (`a`, `area`) to the page's own tenant, relative ones included.", _count("a self")
    ),
    PageFeature("NoOfEmptyRef", "Links that lead nowhere: empty, `#...`, `javascript:void(0)`.", _count("a empty")),
    PageFeature("NoOfExternalRef", "Links to other tenants.", _count("a external")),
    PageFeature("Robots", "Whether there is `meta name=robots`.", _flag("robots")),
    PageFeature("IsResponsive", "Whether there is `meta name=viewport`, or `@media` in a style.", _flag("responsive")),
    PageFeature("HasTitle", "Whether there is a title.", _flag("title")),
    PageFeature("TitleLength", "Characters of the title.", _count("title length")),
    PageFeature("TitleInHost", "Share of the title's words that stand in the host.", _match),
    PageFeature("HasDescription", "Whether there is `meta name=description`.", _flag("description")),
    PageFeature("HasFavicon", "Whether a favicon is linked.", _flag("icon")),
    PageFeature("FaviconExternal", "Whether it comes from another tenant.", _flag("icon external")),
    PageFeature("NoOfForm", "Forms.", _count("forms")),
    PageFeature("NoOfExternalForm", "Forms that are sent to another tenant.", _count("form external")),
    PageFeature("NoOfEmptyForm", "Forms that are sent nowhere: no action, `#`, or a script.", _count("form empty")),
    PageFeature("NoOfPassword", "Fields for a password.", _count("passwords")),
    PageFeature("NoOfHidden", "Hidden fields.", _count("hidden")),
    PageFeature("NoOfInput", "All fields.", _count("inputs")),
    PageFeature("HasSubmit", "Whether there is a button that sends a form.", _flag("submit")),
    PageFeature("NoOfScript", "Scripts.", _count("scripts")),
    PageFeature("NoOfExternalScript", "Scripts from other tenants.", _count("script external")),
    PageFeature("NoOfStyle", "Styles: `style`, and linked style sheets.", _count("styles")),
    PageFeature("NoOfSocial", "Links to social networks.", _count("social")),
)
"""In the order of the output."""


@dataclass(frozen=True)
class Extracted:
    """The features of one page, and what was limited about it; None where nothing was."""

    features: Mapping[str, float | None]
    limited: str | None = None


def extract(content: bytes, url: str | None = None) -> Extracted:
    """Read the features of a page off its HTML.

    Parameters
    ----------
    content
        The page as it was saved, in whatever encoding.
    url
        The address of the page; without one every absolute reference counts as external.
    """
    from selectolax.lexbor import LexborHTMLParser

    limited = "only its first 5 MB count" if len(content) > LARGEST else None
    text = decoded(content[:LARGEST])
    if _depth(text) > DEEPEST:
        text, limited = _flat(text), "it is nested too deep; its structure was flattened"
    page = Page(url)
    lines = text.splitlines()
    page.counts["lines"], page.counts["longest"] = len(lines), max(map(len, lines), default=0)
    elements = LexborHTMLParser(text).css(WATCHED)
    if len(elements) > MOST_ELEMENTS:
        limited = limited or f"only its first {MOST_ELEMENTS:,} elements count"
    for element in elements[:MOST_ELEMENTS]:
        _look_at(page, element)
    return Extracted({each.name: each.value(page) for each in FEATURES}, limited)


def decoded(content: bytes) -> str:
    """The text of a page: by its byte order mark, by the encoding that it declares, else as UTF-8."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(name, "replace")
    declared = DECLARED.search(content[:4096])
    name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        return content.decode("utf-8" if name.lower().startswith("utf-16") else name, "replace")
    except (LookupError, ValueError):  # an encoding that does not exist, or is not one of texts
        return content.decode("utf-8", "replace")


TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]{0,2000}>")
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)


def _depth(text: str) -> int:
    """An upper bound of how deep tags are nested: that of those that are opened and not closed."""
    if text.count("<") <= DEEPEST:
        return 0
    opened = deepest = 0
    for match in TAG.finditer(text):
        if match[1]:
            opened = max(0, opened - 1)
        elif match[2].lower() not in VOID:
            opened += 1
            deepest = max(deepest, opened)
    return deepest


def _flat(text: str) -> str:
    """Leave only the tags that are looked at, each closed at once."""
    watched = {name.strip() for name in WATCHED.split(",")}
    kept = [match[0] + f"</{match[2]}>" for match in TAG.finditer(text) if not match[1] and match[2].lower() in watched]
    return "\n".join(kept)


def _look_at(page: Page, element: LexborNode) -> None:
    tag, given = element.tag or "", element.attributes
    LOOKS.get(tag, _nothing)(page, element, given)


Attributes = Mapping[str, str | None]


def _nothing(_: Page, __: LexborNode, ___: Attributes) -> None:
    """An element that adds nothing."""


def _link(page: Page, _: LexborNode, given: Attributes) -> None:
    if "href" not in given:
        return
    page.counts[f"a {page.target(given['href'])}"] += 1
    page.counts["social"] += tenant_of(given["href"] or "") in SOCIAL


def _head_link(page: Page, _: LexborNode, given: Attributes) -> None:
    kinds = (given.get("rel") or "").lower().split()
    if "icon" in kinds:
        page.counts["icon"] += 1
        page.counts["icon external"] += page.target(given.get("href")) == "external"
    page.counts["styles"] += "stylesheet" in kinds


def _image(page: Page, _: LexborNode, __: Attributes) -> None:
    page.counts["images"] += 1


def _frame(page: Page, _: LexborNode, __: Attributes) -> None:
    page.counts["frames"] += 1


def _form(page: Page, _: LexborNode, given: Attributes) -> None:
    page.counts["forms"] += 1
    action = given.get("action")
    script = (action or "").strip().lower().startswith("javascript:")
    page.counts[f"form {'empty' if script else page.target(action)}"] += 1


def _input(page: Page, _: LexborNode, given: Attributes) -> None:
    kind = (given.get("type") or "text").strip().lower()
    page.counts["inputs"] += 1
    page.counts["passwords"] += kind == "password"
    page.counts["hidden"] += kind == "hidden"
    page.counts["submit"] += kind in ("submit", "image")


def _button(page: Page, _: LexborNode, given: Attributes) -> None:
    page.counts["submit"] += (given.get("type") or "submit").strip().lower() == "submit"


def _script(page: Page, element: LexborNode, given: Attributes) -> None:
    page.counts["scripts"] += 1
    if given.get("src") is not None:
        page.counts["script external"] += page.target(given["src"]) == "external"
    text = element.text() or ""
    page.counts["popups"] += len(POPUPS.findall(text))
    for place in MOVES.findall(text):
        page.counts[f"move {page.target(place)}"] += 1


def _style(page: Page, element: LexborNode, _: Attributes) -> None:
    page.counts["styles"] += 1
    page.counts["responsive"] += "@media" in (element.text() or "")


def _meta(page: Page, _: LexborNode, given: Attributes) -> None:
    name = (given.get("name") or "").strip().lower()
    page.counts["robots"] += name == "robots"
    page.counts["responsive"] += name == "viewport"
    page.counts["description"] += name == "description"
    if (given.get("http-equiv") or "").strip().lower() == "refresh" and (
        to := REFRESH.search(given.get("content") or "")
    ):
        page.counts[f"move {page.target(to[1])}"] += 1


def _title(page: Page, element: LexborNode, _: Attributes) -> None:
    if page.counts["title"]:
        return
    page.title = " ".join((element.text() or "").split())
    page.counts["title"] += bool(page.title)
    page.counts["title length"] = len(page.title)


LOOKS: Mapping[str, Callable[[Page, Any, Attributes], None]] = {
    "a": _link,
    "area": _link,
    "link": _head_link,
    "img": _image,
    "iframe": _frame,
    "frame": _frame,
    "form": _form,
    "input": _input,
    "button": _button,
    "script": _script,
    "style": _style,
    "meta": _meta,
    "title": _title,
}
