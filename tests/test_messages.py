"""Every sentence of the package, read from its source: what it names exists, and it follows one convention."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import typer.main

import phishcli
from phishcli.cli.app import whole
from phishcli.config.key_paths import find_key

ROOT = Path(phishcli.__file__).parent
HOLE = "\u2026"
"""Stands for a value in a sentence."""
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
SETTING = re.compile(r"--set '?([a-z_]+(?:\.[a-z_]+)+)=")
OF_OTHERS = {
    *("--host", "--port", "--name", "--rm", "--no-cache-dir", "--create-home", "--uid", "--from", "--nthreads"),
    *("--version", "--disable-pip-version-check", "--quiet", "--noconftest", "--head", "--address"),
}
"""Options of other programs that messages name, such as Docker's."""
BRITISH = re.compile(r"\b(behaviour|neighbours?|normalise|analyse|centre|favour|licence|artefact)\b", re.IGNORECASE)
CLUMSY = re.compile(r"\banew\b|(?<!There )\bis no (?:JSON|label|dict|row|time|age)\b|\bone a line\b|\bat work\b")


@cache
def sentences() -> tuple[tuple[str, str], ...]:
    """All texts of the package but for docstrings, with the place of each."""
    return tuple(found for path in sorted(ROOT.rglob("*.py")) for found in _texts(path))


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.JoinedStr):
            yield where, "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone | inside:
            yield where, node.value


@cache
def commands() -> dict[tuple[str, ...], set[str]]:
    """The options of every command, by its words."""
    found: dict[tuple[str, ...], set[str]] = {}

    def walk(command: object, words: tuple[str, ...]) -> None:
        found[words] = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}  # type: ignore[attr-defined]  # of Typer's own Click
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, (*words, name))

    walk(typer.main.get_command(whole()), ())
    return found


def test_every_command_that_a_message_names_exists() -> None:
    first = {words[0] for words in commands() if words}
    wrong = [
        (where, text)
        for where, text in sentences()
        for found in re.findall(r"`phish ([a-z-]+)|(?:^|: )phish ([a-z-]+)", text)
        if " " in text and "".join(found) not in first | {"did"}
    ]
    assert wrong == []


def test_every_option_that_a_message_names_exists() -> None:
    known = set().union(*commands().values()) | OF_OTHERS | {"--help"}
    wrong = [
        (where, option)
        for where, text in sentences()
        for option in OPTION.findall(text)
        if option not in known and "Dockerfile" not in text and "FROM " not in text
    ]
    assert wrong == []


def test_every_setting_that_a_message_names_exists() -> None:
    named = [(where, key) for where, text in sentences() for key in SETTING.findall(text)]
    assert len(named) > 20
    assert [(where, key) for where, key in named if find_key(key.split(".")) is None] == []


def test_an_option_beside_its_command_is_one_of_that_command() -> None:
    """``phish predict - --jsonl``: the option belongs to that command."""
    wrong = []
    for where, text in sentences():
        for quoted in re.findall(r"`(phish [^`]+)`", text):
            words = quoted.split()[1:]
            taken = next((tuple(words[:n]) for n in (2, 1) if tuple(words[:n]) in commands()), None)
            if taken is not None:
                wrong += [(where, each) for each in OPTION.findall(quoted) if each not in commands()[taken]]
    assert wrong == []


def test_numbers_and_words_follow_one_convention() -> None:
    """``95%`` without a blank, American spelling, plain words."""
    wrong = [
        (where, text)
        for where, text in sentences()
        if re.search(r"\d %(?![a-z(])", text) or BRITISH.search(text) or CLUMSY.search(text)
    ]
    assert wrong == []


def test_counts_in_sentences_have_separators() -> None:
    """``{len(rows)} rows`` would be ``1000 rows`` and ``1 rows``: `phishcli.wording.counted` writes both right."""
    plain = re.compile(r"\{len\([^{}]*\)\} (?:rows|columns|values|features|files|models|fits|findings|labels|tables)\b")
    wrong = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in sorted(ROOT.rglob("*.py"))
        for found in plain.findall(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []
