"""What every check promises, whatever it looks for; a further one is tested here as soon as its file is there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.audit import checks, codes, registry
from phishcli.audit.check import SEVERITIES, Check, Evidence, Finding, audit

FILES = Path(checks.__file__).parent
KEYS = {"code", "title", "severity", "column", "detail", "advice", "numbers"}


@pytest.fixture(params=codes())
def code(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def check(code: str) -> Check:
    return registry()[code]


def mixed(rows: int) -> dict[str, Any]:
    """Columns of every kind, with every flaw that a column can have."""
    random = np.random.default_rng(1)
    return {
        "id": np.arange(rows),
        "NoOfImage": random.integers(-1, 30, rows),
        "URLLength": random.normal(size=rows) * 10,
        "LineOfCode": np.where(np.arange(rows) % 3 == 0, np.nan, 1.0),
        "DomainAge": np.where(random.random(rows) < 0.1, -1.0, random.integers(0, 900, rows)),
        "nothing": np.full(rows, np.nan),
        "same": np.ones(rows),
        "Industry": random.choice(["shop", "Shop", "bank"], rows),
        "port": np.where(np.arange(rows) % 20 == 0, "unknown", (np.arange(rows) % 15).astype(str)),
        "empty": pd.Categorical([None] * rows, ["a"]),
    }


def only(*names: str) -> Callable[[int], dict[str, Any]]:
    return lambda rows: {name: values for name, values in mixed(rows).items() if name in names}


COLUMNS = {
    "all": mixed,
    "none": only(),
    "missing": only("nothing", "empty"),
    "categories": only("Industry", "port"),
    "one": only("URLLength"),
}
TARGETS = {
    "sorted": lambda rows: np.arange(rows) * 2 >= rows,
    "in turn": lambda rows: np.arange(rows) % 2,
    "one class": np.zeros,
    "one row": lambda rows: np.arange(rows) == rows // 2,
}


def further(rows: int) -> dict[str, Any]:
    """What a table has beside its features, and a split."""
    return {
        "raw": {"url": [f"https://a.com/{row}" for row in range(rows)], "n": np.arange(rows), "f": [None] * rows},
        "set_aside": {"url": "it holds web addresses", "n": "it numbers the rows", "f": "it holds no value at all"},
        "groups": {"host": np.arange(rows) % 3 - 1},
        "test": np.arange(rows) % 4 == 1,
        "repeats": rows // 2,
        "counts": {"NoOfImage": {"negative": 1, "infinite": 1}},
    }


def test_codes_are_the_names_of_the_files_and_every_check_has_tests_of_its_own() -> None:
    files = {path.stem for path in FILES.glob("*.py")} - {"__init__"}
    assert {code.replace("-", "_") for code in codes()} == files
    assert list(codes()) == sorted(codes()) == list(registry())
    tests = {path.stem.removeprefix("test_") for path in (Path(__file__).parent / "checks").glob("test_*.py")}
    assert tests == files


def test_it_says_in_a_few_words_what_it_is_about(check: Check) -> None:
    assert re.fullmatch(r"[A-Z][^.]{5,50}[^. ]", check.title)
    assert sum(other.title == check.title for other in registry().values()) == 1


def test_it_explains_itself_in_sentences_and_says_what_to_do(check: Check) -> None:
    for text in (check.explanation, check.advice):
        assert re.fullmatch(r"[A-Z].*[.)]", text), text
        assert "  " not in text
    assert check.explanation.casefold() != check.title.casefold()
    sentences = [set(re.split(r"(?<=[.])\s+", text.casefold())) for text in (check.explanation, check.advice)]
    assert not set.intersection(*sentences), "the advice repeats the explanation"
    assert set(re.findall(r"\{(.*?)\}", check.advice)) <= {"column"}


def test_it_has_a_known_severity_and_kind(check: Check) -> None:
    assert check.severity in SEVERITIES
    assert check.of in ("table", "split")


@pytest.mark.parametrize("columns", COLUMNS)
def test_it_looks_at_any_table_without_a_crash_and_finds_what_json_can_say(
    code: str, check: Check, evidence: Callable[..., Evidence], columns: str
) -> None:
    for rows, target in product((1, 2, 3, 60, 400), TARGETS.values()):
        label = np.asarray(target(rows), dtype=int)
        known = {} if columns == "all" else {"counts": {}}
        for more in ({"test": further(rows)["test"]}, {**further(rows), **known}):
            findings = audit(evidence(COLUMNS[columns](rows), label, **more), check.of, {code: check})
            assert json.loads(json.dumps(findings, allow_nan=False)) == findings
            for finding in findings:
                well_said(code, finding)


def well_said(code: str, finding: Finding) -> None:
    """Every key is there, and the texts are sentences of names and numbers."""
    assert set(finding) == KEYS
    assert finding["severity"] in SEVERITIES
    assert finding["code"] == code
    assert finding["numbers"]
    for text in (finding["detail"], finding["advice"]):
        assert re.fullmatch(r"\S.*[.)]", text, flags=re.DOTALL), text
        assert not re.search(r"\bnan\b|\binf\b|[{}]|\b1 (rows|values|vectors)\b|np\.|None", text), text


def test_it_leaves_the_evidence_untouched_and_finds_the_same_again(
    code: str, check: Check, evidence: Callable[..., Evidence]
) -> None:
    made = evidence(mixed(400), np.arange(400) % 2, **further(400))
    features, target, twins = made.features.copy(), made.target.copy(), made.twins.copy()
    groups = {name: values.copy() for name, values in made.groups.items()}
    first, second = (audit(made, check.of, {code: check}) for _ in range(2))
    assert first == second
    pd.testing.assert_frame_equal(made.features, features)
    assert np.array_equal(made.target, target)
    assert np.array_equal(made.twins, twins)
    assert all(np.array_equal(made.groups[name], groups[name]) for name in groups)
    assert made.raw == pa.table(further(400)["raw"])


def test_exchanged_labels_change_no_severity(code: str, check: Check, evidence: Callable[..., Evidence]) -> None:
    if code == "label-polarity":
        pytest.skip("this one asks which label is which")
    target = np.arange(400) % 5 == 0
    one, other = (
        audit(evidence(mixed(400), label, **further(400)), check.of, {code: check}) for label in (target, ~target)
    )
    assert [(each["severity"], each["column"]) for each in one] == [
        (each["severity"], each["column"]) for each in other
    ]


def test_pure_noise_is_no_finding_above_a_note(code: str, check: Check, evidence: Callable[..., Evidence]) -> None:
    for seed in range(10):
        random = np.random.default_rng(seed)
        columns = {f"x{number}": random.normal(size=500) for number in range(20)}
        columns |= {f"n{number}": random.poisson(3, 500) for number in range(5)}
        columns |= {f"c{number}": random.choice(list("abcd"), 500) for number in range(5)}
        columns["gaps"] = np.where(random.random(500) < 0.1, np.nan, random.normal(size=500))
        label = random.integers(0, 2, 500)
        made = evidence(columns, label, test=random.random(500) < 0.2, groups={})
        findings = audit(made, check.of, {code: check})
        assert not [finding for finding in findings if finding["severity"] != "note"], findings
