"""Rules of one's own that beat the model: allow-lists and block-lists, from a YAML file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from phishcli.documents.verdicts import OwnRule, OwnRules
from phishcli.errors import ConfigError, cause_of
from phishcli.features.scalars import text_of
from phishcli.files import read_bounded

IGNORED = str.maketrans("", "", "\t\r\n")
"""What browsers leave out of a URL."""
LARGEST_FILE = 64_000_000
"""Bytes: some millions of domains."""
EXAMPLE = "- {name: partners, column: URL, match: domain, values: [shop.example], verdict: allow}"


def read_rules(path: Path) -> OwnRules:
    """Read a file of rules: a list of mappings, the first one that fits decides.

    Raises
    ------
    ConfigError
        When it cannot be read, or is no such list.
    """
    from phishcli.config.yaml import parse

    try:
        text = read_bounded(path, LARGEST_FILE).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise ConfigError(f"The rules cannot be read: {cause_of(error)}", where=str(path)) from error
    value = parse(text, where=str(path)).value
    try:
        rules = OwnRules(rules=tuple(msgspec.convert(value or [], list[OwnRule])))
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"The rules are not as expected: {error}", where=str(path), hint=f"Write {EXAMPLE}"
        ) from error
    _check_names(rules, path)
    return rules


def _check_names(rules: OwnRules, path: Path) -> None:
    names = [rule.name for rule in rules.rules]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"Two rules have the name {twice[0]!r}", where=str(path), hint="Give each its own name.")


class Matcher:
    """Finds the rule that fits a row, or n of them; made once for a set of rules."""

    def __init__(self, rules: OwnRules) -> None:
        self._tests = [(rule, _test(rule)) for rule in rules.rules]

    @property
    def columns(self) -> list[str]:
        """The columns of the rows that the rules look at."""
        return list(dict.fromkeys(rule.column for rule, _ in self._tests))

    def of(self, row: Mapping[str, object]) -> OwnRule | None:
        """Give the first rule that fits a row; columns that it lacks fit none."""
        return next((rule for rule, fits in self._tests if rule.column in row and fits(row[rule.column])), None)

    def of_columns(self, columns: Mapping[str, Sequence[object]], n: int) -> list[OwnRule | None]:
        """Give the first rule that fits each of n rows, given by column."""
        found: list[OwnRule | None] = [None] * n
        for rule, fits in reversed(self._tests):
            for row in _rows_that_fit(columns.get(rule.column, ()), fits):
                found[row] = rule
        return found


def _rows_that_fit(values: Iterable[object], fits: Callable[[object], bool]) -> Iterator[int]:
    return (row for row, value in enumerate(values) if fits(value))


def _test(rule: OwnRule) -> Callable[[object], bool]:
    if rule.match == "domain":
        domains = frozenset(filter(None, (host_of(value) for value in rule.values)))
        return lambda value: _is_below(host_of(value), domains)
    texts = frozenset(text_of(value) for value in rule.values)
    return lambda value: value is not None and text_of(value) in texts


def _is_below(host: str | None, domains: frozenset[str]) -> bool:
    """Whether a host is one of the domains or below one; the parts of a name count from the right."""
    if host is None:
        return False
    parts = host.split(".")
    return any(".".join(parts[at:]) in domains for at in range(len(parts)))


def host_of(value: Any) -> str | None:
    r"""Give the host of a domain or URL as browsers see it, in lower case; None where there is none.

    What stands before ``@`` is no host, and ``\`` counts as ``/``: both are used to make a URL look like another one.
    """
    if not isinstance(value, str):
        return None
    text = value.strip().translate(IGNORED).replace("\\", "/")
    try:
        host = urlsplit(text if "://" in text or text.startswith("//") else f"//{text}").hostname
    except ValueError:
        return None
    return host.rstrip(".").lower() or None if host else None
