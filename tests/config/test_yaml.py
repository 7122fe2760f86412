"""YAML text becomes plain values, and back, without a change of meaning on the way."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import pytest
import yaml

from phishcli.config.scalars import parse_value
from phishcli.config.yaml import DEEPEST, MOST_VALUES, dump, one_line, parse
from phishcli.errors import ConfigError


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "y", "N", "Yes", "tRUE"])
def test_words_that_are_booleans_in_old_yaml_stay_text(word: str) -> None:
    assert parse_value(word) == word


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False), ("TRUE", True)])
def test_only_true_and_false_are_booleans(text: str, value: Any) -> None:
    assert parse_value(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-1", -1),
        ("+3", 3),
        ("0x1F", 31),
        ("0o17", 15),
        ("1e-3", 0.001),
        ("1.", 1.0),
        (".5", 0.5),
        ("-2.5E3", -2500.0),
    ],
)
def test_numbers_are_those_of_the_core_schema(text: str, value: Any) -> None:
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)


@pytest.mark.parametrize("text", ["007", "1_000", "1:30", "2024-01-01", "1.2.3", ".", "e3", "0b11", "=", "<<"])
def test_what_only_looks_like_a_number_or_a_date_stays_text(text: str) -> None:
    assert parse_value(text) == text


def test_infinity_and_nan_are_numbers() -> None:
    assert parse_value("-.inf") == -math.inf
    assert math.isnan(parse_value(".nan"))


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "# nothing but a comment"])
def test_nothing_is_none(text: str) -> None:
    assert parse_value(text) is None


def test_every_key_has_its_line() -> None:
    document = parse("train:\n  seed: 1\n\n  params:\n    XGBoost: {max_depth: 4}\n", where="a.yaml")
    assert document.lines["train",] == 1
    assert document.lines["train", "seed"] == 2
    assert document.lines["train", "params", "XGBoost", "max_depth"] == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\n", r"Not valid YAML: .*\na\.yaml:2:1"),
        ("a:\n\tb: 1\n", r"Not valid YAML: .*\na\.yaml:2:1"),
        ("a: 1\n---\nb: 2\n", r"Not valid YAML: .*another document"),
        ("\x00", "Not valid YAML: unacceptable character"),
        ("? [a]\n: 1\n", r"a list or a mapping cannot be a key\na\.yaml:1:3"),
        ("a: 1\nb: 2\na: 3\n", r"Duplicate key 'a'\na\.yaml:3:1"),
        ("b:\n- {a: 1, a: 1}\n", r"Duplicate key 'a'\na\.yaml:2:10"),
        ("{1: a, 1.0: b}\n\n", r"Duplicate key '1\.0'\na\.yaml:1:8"),
        ("a: *b\n", r"Not valid YAML: \*b stands for nothing above it\na\.yaml:1:4"),
        ("a: !b c\n", r"The tag !b is not allowed\na\.yaml:1:4"),
        ("a: !!set {x}\n", r"The tag !!set is not allowed\na\.yaml:1:4"),
        ("a: !!python/name:os.system\n", r"The tag !!python/name:os.system is not allowed"),
        ("a: 2001-01-01\nb: !!timestamp 2001-01-01\n", r"The tag !!timestamp is not allowed\na\.yaml:2"),
        ("a: &x [*x]\n", "nested too deeply"),
        ("a: " + 5000 * "9", "Not valid YAML: Exceeds the limit"),
        ("a: \udcff", "Not valid YAML: .*surrogates not allowed"),
    ],
)
def test_what_is_no_plain_yaml_is_an_error_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(text, where="a.yaml")


def test_an_error_in_a_single_value_names_no_line() -> None:
    with pytest.raises(ConfigError, match=r"(?m)--set a=\[1$"):
        parse_value("[1", where="--set a=[1")


def test_lines_are_short_collections_on_one_line_and_keys_in_their_order() -> None:
    assert dump({"b": ("x", "y"), "a": {"c": {}, "d": 1}}) == "b: [x, y]\na:\n  c: {}\n  d: 1\n"


@pytest.mark.parametrize("text", ["no", "007", "1e-3", "1:30", "2024-01-01", "null", "0x1F", "true"])
def test_text_is_quoted_where_either_version_of_yaml_would_misread_it(text: str) -> None:
    assert yaml.safe_load(dump({"label": text})) == {"label": text}
    assert parse_value(one_line(text)) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "null"), (1e-5, "1.0e-05"), (["a", 1], "[a, 1]"), ({"a": []}, "{a: []}")]
)
def test_one_line_is_what_set_accepts(value: Any, text: str) -> None:
    assert one_line(value) == text
    assert parse_value(text) == value


def test_a_tag_may_say_that_a_value_is_text() -> None:
    assert parse_value("!!str 7") == "7"


def test_an_alias_stands_for_the_value_of_its_anchor() -> None:
    parsed = parse("a: &x {b: [1, *y]}\n".replace("*y", "&y 2") + "c: *x\nd: *y\n", where="a.yaml")
    assert parsed.value == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": 2}


def test_keys_are_values_as_scikit_learn_wants_them_for_class_weight() -> None:
    assert parse_value("{0: 1, 1: 5, yes: 2}") == {0: 1, 1: 5, "yes": 2}


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def test_nesting_is_bounded() -> None:
    assert str(parse_value(nested(DEEPEST))) == nested(DEEPEST)
    with pytest.raises(ConfigError, match="nested too deeply: more than 32 levels"):
        parse_value(nested(DEEPEST + 2))


def test_the_number_of_values_is_bounded() -> None:
    assert len(parse_value(str(list(range(MOST_VALUES - 1))))) == MOST_VALUES - 1
    with pytest.raises(ConfigError, match="more than 10,000 values"):
        parse_value(str(list(range(MOST_VALUES))))


def aliases_of_aliases(levels: int) -> str:
    """Ten times as many values on each level."""
    return "\n".join(
        ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels + 1))]
    )


def test_an_alias_counts_as_much_as_what_it_stands_for() -> None:
    assert len(parse(aliases_of_aliases(3), where="a.yaml").value["a3"]) == 10
    for levels in (4, 10, 1000):
        with pytest.raises(ConfigError, match="more than 10,000 values"):
            parse(aliases_of_aliases(levels), where="a.yaml")


@pytest.mark.parametrize("part", ["[", "{", "{a: ", "- ", "? ", "[{a: [", "a:\n"])
def test_depth_without_end_is_an_error_at_once(part: str) -> None:
    program = (
        "import time; from phishcli.config.yaml import parse; from phishcli.errors import ConfigError\n"
        f"start = time.process_time()\ntry: parse({part!r} * 100_000, where='a.yaml')\n"
        "except ConfigError: print(time.process_time() - start < 5)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
