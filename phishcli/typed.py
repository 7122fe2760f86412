"""Options as somebody would type them: what a hint shows works when it is pasted into a shell."""

from __future__ import annotations

import re
import shlex

PLAIN = re.compile(r"(?!(?i:null|true|false)$)[A-Za-z_][\w./-]*", re.ASCII)
"""Texts that YAML takes for themselves."""
KEYS = {
    "--source": "load.source",
    "--target": "load.target",
    "--positive-label": "load.positive_label",
    "--negative-label": "load.negative_label",
    "--drop": "load.drop",
    "--keep": "load.keep",
    "--by": "evaluate.by",
}
"""The settings of options that take any text."""
LISTS = frozenset({"--drop", "--keep", "--by"})


def option(name: str, value: object) -> str:
    """Write an option with its value: ``--drop Lines``, ``--drop 'a b'``, ``--drop=-x``.

    Text with line breaks or invisible characters is written by ``--set``, which has escapes for them.
    """
    text = str(value)
    if name in KEYS and not text.isprintable():
        return setting(KEYS[name], text, in_list=name in LISTS)
    return f"{name}{'=' if text.startswith('-') else ' '}{shlex.quote(text)}"


def options(name: str, values: list[str]) -> str:
    """Write an option once for each value."""
    return " ".join(option(name, value) for value in values)


def setting(key: str, value: object, *, in_list: bool = False) -> str:
    """Write ``--set`` with a key and its value: ``--set load.table=sites``, ``--set 'load.table="a b"'``."""
    written = f"[{', '.join(map(_in_yaml, value))}]" if isinstance(value, list) else _in_yaml(value)
    return f"--set {shlex.quote(f'{key}=[{written}]' if in_list else f'{key}={written}')}"


def _in_yaml(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if PLAIN.fullmatch(text) or not isinstance(value, str) else in_double_quotes(text)


def in_double_quotes(text: str) -> str:
    """Write a text as YAML between double quotes, with escapes for what cannot be seen."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(letter: str) -> str:
    if letter in '\\"':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"


def name_of(text: object) -> str:
    """Write a name in a sentence: as it is, or in quotes where blanks or signs would make it unclear."""
    plain = str(text)
    return plain if re.fullmatch(r"[\w.:/@%+~-]+( [\w.:/@%+~-]+)*", plain) else repr(plain)
