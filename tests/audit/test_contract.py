"""What every check promises, whatever it looks for; a further one is tested here as soon as its file is there."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.audit import checks, codes, registry
from phishcli.audit.check import Check, run_checks
from phishcli.audit.evidence import SAMPLE, Evidence
from phishcli.documents.findings import SEVERITIES, Finding, Findings
from phishcli.tables.arrow import whole
from phishcli.tables.memory import MemoryTable

FILES = Path(checks.__file__).parent


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
    assert check.scope in ("table", "split")


@pytest.mark.parametrize("columns", COLUMNS)
def test_it_looks_at_any_table_without_a_crash_and_finds_what_json_can_say(
    code: str, check: Check, evidence: Callable[..., Evidence], columns: str
) -> None:
    for rows, target in product((1, 2, 3, 60, 400), TARGETS.values()):
        label = np.asarray(target(rows), dtype=int)
        known = {} if columns == "all" else {"counts": {}}
        for more in ({"test": further(rows)["test"]}, {**further(rows), **known}):
            findings = run_checks(evidence(COLUMNS[columns](rows), label, **more), check.scope, {code: check})
            text = json.dumps(findings.to_plain(), allow_nan=False)
            assert Findings.of_plain(json.loads(text)) == findings
            for finding in findings.findings:
                well_said(code, finding)


def well_said(code: str, finding: Finding) -> None:
    """The texts are sentences of names and numbers, and the numbers are there."""
    assert finding.severity in SEVERITIES
    assert finding.code == code
    assert finding.numbers
    for text in (finding.detail, finding.advice):
        assert re.fullmatch(r"\S.*[.)]", text, flags=re.DOTALL), text
        assert not re.search(r"\bnan\b|\binf\b|[{}]|\b1 (rows|values|vectors)\b|np\.|None", text), text


def test_it_leaves_the_evidence_untouched_and_finds_the_same_again(
    code: str, check: Check, evidence: Callable[..., Evidence]
) -> None:
    made = evidence(mixed(400), np.arange(400) % 2, **further(400))
    features, target, keys = whole(made.features), made.target.copy(), whole(made.keys.table)
    first, second = (run_checks(made, check.scope, {code: check}) for _ in range(2))
    assert first == second
    pd.testing.assert_frame_equal(whole(made.features), features)
    assert np.array_equal(made.target, target)
    pd.testing.assert_frame_equal(whole(made.keys.table), keys)
    assert made.aside is not None
    pd.testing.assert_frame_equal(whole(made.aside), pa.table(further(400)["raw"]).to_pandas())


def test_exchanged_labels_change_no_severity(code: str, check: Check, evidence: Callable[..., Evidence]) -> None:
    if code == "label-polarity":
        pytest.skip("this one asks which label is which")
    target = np.arange(400) % 5 == 0
    one, other = (
        run_checks(evidence(mixed(400), label, **further(400)), check.scope, {code: check})
        for label in (target, ~target)
    )
    assert [(each.severity, each.column) for each in one.findings] == [
        (each.severity, each.column) for each in other.findings
    ]


def test_pure_noise_is_no_finding_above_a_note(code: str, check: Check, evidence: Callable[..., Evidence]) -> None:
    for seed in range(10):
        random = np.random.default_rng(seed)
        columns = {f"x{number}": random.normal(size=500) for number in range(20)}
        columns |= {f"n{number}": random.poisson(3, 500) for number in range(5)}
        columns |= {f"c{number}": random.choice(list("abcd"), 500) for number in range(5)}
        columns["gaps"] = np.where(random.random(500) < 0.1, np.nan, random.normal(size=500))
        label = random.integers(0, 2, 500)
        made = evidence(columns, label, test=random.random(500) < 0.2)
        findings = run_checks(made, check.scope, {code: check})
        assert not findings.active("warning"), findings


class Watched(MemoryTable):
    """A table that fails when it is read as a whole, and counts the columns that are read."""

    def __init__(self, data: pa.Table, rows: int) -> None:
        super().__init__(data, rows)
        self.read: Counter[str] = Counter()

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        raise AssertionError(f"a check has read the whole table: {columns}")

    def select(self, rows: np.ndarray, columns: Sequence[str] | None = None) -> pa.Table:
        assert len(rows) <= SAMPLE
        return super().select(rows, columns)

    def column(self, name: str) -> pa.ChunkedArray:
        self.read[name] += 1
        return super().column(name)


def test_it_reads_samples_and_each_column_once(code: str, check: Check, evidence: Callable[..., Evidence]) -> None:
    made = evidence(mixed(400), np.arange(400) % 2, **further(400))
    watched = Watched(pa.Table.from_batches(made.features.batches(), made.features.schema), 400)
    run_checks(replace(made, features=watched), check.scope, {code: check})
    assert max(watched.read.values(), default=0) <= 1
