"""Unquoted YAML values, read without a YAML library: most values of ``--set`` and of variables are nothing else."""

from __future__ import annotations

import re
from typing import Any

PATTERNS = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
}
"""The core schema of YAML 1.2.2 (section 10.3.2), with one difference: ``007`` stays text, since it is a label."""

_KINDS = [(kind, re.compile(pattern)) for kind, pattern in PATTERNS.items()]
_SIMPLE = re.compile(r"(?:[-+.]?[0-9A-Za-z_][-+.0-9A-Za-z_]{0,60})?")
"""Texts that YAML takes for one unquoted value; all others go to the parser."""


def plain_scalar(text: str) -> str | float | bool | None:
    """Give the value of an unquoted scalar: None, a boolean, a number, or else the text itself.

    Raises
    ------
    ValueError
        For whole numbers of thousands of digits.
    """
    kind = next((kind for kind, pattern in _KINDS if pattern.fullmatch(text)), "text")
    if kind == "null":
        return None
    if kind == "bool":
        return text[0] in "tT"
    if kind == "int":
        return int(text, base=0)
    if kind == "float":
        return float(text.replace(".", "") if text[-1].isalpha() else text)
    return text


def parse_value(text: str, *, where: str = "the command line") -> Any:
    """Read one value as YAML, as ``--set`` does: ``4``, ``null``, ``[a, b]``, ``{low: 1, high: 9}``.

    Raises
    ------
    ConfigError
        As `phishcli.config.yaml.parse` does.
    """
    if _SIMPLE.fullmatch(text):
        return plain_scalar(text)
    from phishcli.config.yaml import parse

    return parse(text, where=where).value
