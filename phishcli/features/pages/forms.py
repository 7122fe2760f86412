"""Features of the forms of a page: where they send what is typed, and what they ask for."""

from __future__ import annotations

from phishcli.features.pages.feature import Feature
from phishcli.features.pages.page import Page, attribute
from phishcli.features.pages.place import Place


def _sent(page: Page, place: Place) -> int:
    return sum(page.home.place(attribute(node, "action")) == place for node in page.elements("form"))


def _inputs(page: Page, kind: str) -> int:
    return sum(attribute(node, "type").strip().lower() == kind for node in page.elements("input"))


def _submits(page: Page) -> int:
    buttons = (attribute(node, "type").strip().lower() for node in page.elements("button"))
    by_button = any(kind not in ("button", "reset") for kind in buttons)
    return int(by_button or _inputs(page, "submit") > 0 or _inputs(page, "image") > 0)


FEATURES = (
    Feature("NoOfForm", "Forms.", lambda page: len(page.elements("form"))),
    Feature(
        "NoOfExternalForm",
        "Forms that submit to another tenant.",
        lambda page: _sent(page, "external"),
        needs_url=True,
    ),
    Feature(
        "NoOfEmptyForm",
        "Forms that submit nowhere: no action, `#`, `javascript:` or `about:blank`.",
        lambda page: _sent(page, "empty"),
    ),
    Feature("NoOfPassword", "Password fields.", lambda page: _inputs(page, "password")),
    Feature("NoOfHidden", "Hidden fields.", lambda page: _inputs(page, "hidden")),
    Feature("NoOfInput", "All `input` fields.", lambda page: len(page.elements("input"))),
    Feature(
        "HasSubmit",
        "Whether a button submits a form: `button` (except `type=button` and `reset`), `input type=submit` or `image`.",
        _submits,
        "flag",
    ),
)
