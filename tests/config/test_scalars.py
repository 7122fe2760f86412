"""What is read without a YAML library is what that library's parser says, too."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from phishcli.config.scalars import parse_value
from phishcli.config.yaml import parse

ALPHABET = "-+._0123456789aeExobfnulITN~:, #'"


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and (one == other or (math.isnan(one) and math.isnan(other)))


@given(st.text(ALPHABET, max_size=8))
@example("-")
@example("...")
@example("---a")
@example("a" * 100)
@example("null")
@example("-.INF")
@example("-.nan")
@example("+.5e-07")
@example("0o17")
def test_a_value_is_read_as_the_parser_reads_it(text: str) -> None:
    try:
        expected = parse(text, where="here").value
    except Exception as error:  # noqa: BLE001 (whatever it is, the same is expected of the other way)
        with pytest.raises(type(error)):
            parse_value(text)
        return
    assert isinstance(expected, list | dict) or same(parse_value(text), expected)


@pytest.mark.parametrize("text", ["7", "0.5", "true", "XGBoost", "null", "90s", ""])
def test_settings_of_simple_values_import_no_yaml(text: str) -> None:
    program = (
        "import sys; from phishcli.config.assignments import from_environ, from_sets\n"
        f"given = [*from_sets(['train.seed={text}']), *from_environ({{'PHISH_TRAIN__SEED': {text!r}}})]\n"
        "assert given[0].value == given[1].value; print('yaml' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
