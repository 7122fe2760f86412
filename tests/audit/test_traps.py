"""Tables with a trap each, as public ones have them, through the whole pipeline: all are found, and clean ones pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from phishcli import Project
from phishcli.documents.findings import Finding, Findings

ROWS = 1_500


def clean(seed: int = 0) -> pd.DataFrame:
    """Numbers and categories that say something about the label, but not all; counts, fractions, gaps at random."""
    random = np.random.default_rng(seed)
    label = random.random(ROWS) < 0.4
    ratio = random.beta(2 + label, 3, ROWS)
    return pd.DataFrame(
        {
            "URLLength": random.poisson(40 + 15 * label) + random.geometric(0.05, ROWS),
            "LineOfCode": random.exponential(np.where(label, 300, 900)).round(),
            "DomainAge": random.gamma(2, np.where(label, 200, 500)).round(),
            "Ratio": np.where(random.random(ROWS) < 0.1, np.nan, ratio),
            "HasForm": random.random(ROWS) < np.where(label, 0.6, 0.4),
            "Links": random.negative_binomial(2, 0.05, ROWS),
            "Industry": random.choice(["bank", "shop", "mail", "news"], ROWS, p=[0.4, 0.3, 0.2, 0.1]),
            "isPhishing": label.astype(int),
        }
    )


def audited(folder: Path, table: pd.DataFrame, **settings: Any) -> Sequence[Finding]:
    """All findings on a table and its split."""
    table.to_parquet(folder / "table.parquet", index=False)
    given = {name.replace("__", "."): value for name, value in settings.items()}
    project = Project.of({"load.source": str(folder / "table.parquet"), **given})
    return read(project)


def read(project: Project) -> Sequence[Finding]:
    return Findings.of_plain(project.run("audit").read("audit", "audit.json")).findings


def at_label(table: pd.DataFrame) -> np.ndarray:
    return table["isPhishing"].to_numpy() == 1


def without_lines(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(LineOfCode=table["LineOfCode"].mask(at_label(table) & (np.arange(ROWS) % 2 == 0)))


def with_an_id(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values("isPhishing", kind="stable").assign(id=np.arange(ROWS) * 2)


def with_an_id_in_another_order(table: pd.DataFrame) -> pd.DataFrame:
    return with_an_id(table).assign(id=np.arange(ROWS)).sample(frac=1, random_state=0)


def numbered(table: pd.DataFrame) -> pd.DataFrame:
    return with_an_id_in_another_order(table).rename(columns={"id": "size"})


def repeated(table: pd.DataFrame) -> pd.DataFrame:
    return table.iloc[np.r_[: ROWS // 2, : ROWS // 2]].sample(frac=1, random_state=0)


def contradicting(table: pd.DataFrame) -> pd.DataFrame:
    """47 % duplicates, and 64 feature vectors with both labels."""
    one = table.iloc[: 795 - 64]
    conflicts = table.iloc[:64].assign(isPhishing=1 - table["isPhishing"].iloc[:64])
    again = one.sample(705, replace=True, random_state=0)
    return pd.concat([one, conflicts, again]).sample(frac=1, random_state=0)


def similar(table: pd.DataFrame) -> pd.DataFrame:
    random = np.random.default_rng(9)
    return table.assign(URLSimilarityIndex=np.where(at_label(table), random.integers(20, 95, ROWS), 100))


def reversed_labels(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(isPhishing=1 - table["isPhishing"])


def with_codes(table: pd.DataFrame) -> pd.DataFrame:
    unknown = np.random.default_rng(9).random(ROWS)
    return table.assign(
        DomainAge=table["DomainAge"].mask(unknown < 0.06, -1), Links=table["Links"].mask(unknown > 0.95, 999)
    )


def negative(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(NoOfImage=np.random.default_rng(9).integers(-40, 900, ROWS))


def spelt(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(Industry=table["Industry"].where(np.arange(ROWS) % 7 > 0, table["Industry"].str.upper() + " "))


def hosted(table: pd.DataFrame) -> pd.DataFrame:
    hosts = np.random.default_rng(9).integers(0, 150, ROWS)
    return table.assign(url=[f"https://h{host}.com/{row}" for row, host in enumerate(hosts)])


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(URLLength=table["URLLength"].astype(str).mask(np.arange(ROWS) % 30 == 0, "unknown"))


def infinite(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(Ratio=table["Ratio"].mask(np.arange(ROWS) % 50 == 0, np.inf))


def rare(table: pd.DataFrame) -> pd.DataFrame:
    return table[~at_label(table) | (np.cumsum(at_label(table)) <= 8)]


def drifting(table: pd.DataFrame) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=ROWS, freq="h")
    later = np.linspace(0, 4, ROWS)
    return table.assign(seen_at=days, Ratio=np.random.default_rng(9).normal(size=ROWS) + later)


TRAPS: list[tuple[Callable[[pd.DataFrame], pd.DataFrame], dict[str, Any], set[tuple[str, str | None, str]]]] = [
    (without_lines, {}, {("missing-in-one-class", "LineOfCode", "warning")}),
    (
        with_an_id,
        {},
        {
            ("identifier", "id", "note"),
            ("sorted-labels", None, "note"),
        },
    ),
    (with_an_id_in_another_order, {}, {("identifier", "id", "note")}),
    (numbered, {}, {("identifier", "size", "error"), ("decisive-column", "size", "error")}),
    (repeated, {}, {("duplicate-rows", None, "warning"), ("twins-across-split", None, "error")}),
    (
        contradicting,
        {},
        {
            ("duplicate-rows", None, "warning"),
            ("conflicting-labels", None, "warning"),
            ("twins-across-split", None, "error"),
            ("score-ceiling", None, "warning"),
        },
    ),
    (
        similar,
        {},
        {("pure-value", "URLSimilarityIndex", "warning"), ("decisive-column", "URLSimilarityIndex", "error")},
    ),
    (reversed_labels, {}, {("label-polarity", None, "warning")}),
    (with_codes, {}, {("sentinel-values", "DomainAge", "warning"), ("sentinel-values", "Links", "warning")}),
    (negative, {}, {("negative-counts", "NoOfImage", "warning")}),
    (spelt, {}, {("category-spelling", "Industry", "warning")}),
    (hosted, {}, {("group-across-split", "host of url", "warning")}),
    (as_text, {}, {("numbers-as-text", "URLLength", "warning")}),
    (infinite, {}, {("infinite-values", "Ratio", "warning")}),
    (rare, {}, {("class-imbalance", None, "warning"), ("few-rows", None, "warning")}),
    (drifting, {"preprocess__split__time": "seen_at"}, {("split-drift", None, "warning")}),
]


@pytest.mark.parametrize(("plant", "settings", "expected"), TRAPS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_trap_is_found_and_nothing_else_above_a_note(
    tmp_path: Path, plant: Callable[[pd.DataFrame], pd.DataFrame], settings: Any, expected: set[tuple[str, str, str]]
) -> None:
    found = {(each.code, each.column, each.severity) for each in audited(tmp_path, plant(clean()), **settings)}
    assert expected <= found
    assert not {each for each in found - expected if each[2] != "note"}


def test_a_planted_contradiction_is_counted_to_the_row(tmp_path: Path) -> None:
    findings = {each.code: each.numbers for each in audited(tmp_path, contradicting(clean()))}
    assert findings["conflicting-labels"]["vectors"] == 64
    assert findings["duplicate-rows"]["rows"] == 705
    assert findings["duplicate-rows"]["share"] == 0.47
    assert findings["conflicting-labels"]["accuracy"] < 0.97


def breast_cancer() -> pd.DataFrame:
    data = load_breast_cancer(as_frame=True)
    return data.data.assign(isPhishing=data.target)


def digits() -> pd.DataFrame:
    data = load_digits(as_frame=True)
    return data.data.assign(isPhishing=data.target % 2)


@pytest.mark.parametrize("make", [breast_cancer, digits, clean, *[lambda seed=seed: clean(seed) for seed in (1, 2, 3)]])
def test_a_clean_table_has_nothing_above_a_note(tmp_path: Path, make: Callable[[], pd.DataFrame]) -> None:
    found = audited(tmp_path, make())
    assert not [each for each in found if each.severity != "note"]


def coded(columns: int) -> pd.DataFrame:
    """A table as of 2012: every property is legitimate (1), doubtful (0) or phishing (-1)."""
    random = np.random.default_rng(0)
    label = random.random(ROWS) < 0.45
    names = ["having_IP_Address", "URL_Length", "Prefix_Suffix", "age_of_domain", "SSLfinal_State", "Page_Rank"]
    names += [f"num_{number}" for number in range(columns - len(names))]
    leaning = np.where(label[:, None], [0.45, 0.2, 0.35], [0.3, 0.2, 0.5])
    draws = random.random((ROWS, columns))
    codes = (draws[:, :, None] > leaning.cumsum(axis=1)[:, None, :-1]).sum(axis=2) - 1
    return pd.DataFrame(codes, columns=names).assign(isPhishing=label.astype(int))


@pytest.mark.parametrize("columns", [6, 8, 30])
def test_columns_coded_minus_1_0_and_1_are_no_trap_however_coarse(tmp_path: Path, columns: int) -> None:
    found = {(each.code, each.severity) for each in audited(tmp_path, coded(columns))}
    assert not {code for code, severity in found if severity != "note"}
    assert ("twins-across-split", "note") in found or columns == 30


def test_the_flaws_of_the_real_table_are_named_with_their_numbers(tmp_path: Path, real: Path) -> None:
    project = Project.of({"load.source": str(real), "load.target": "label", "load.positive_label": 0})
    findings = read(project)
    by_code = {each.code: each for each in findings}
    lines = by_code["missing-in-one-class"]
    assert (lines.column, lines.severity) == ("LineOfCode", "warning")
    assert lines.numbers == {"rows": 2_355, "hits": 2_355, "label": 0, "share": pytest.approx(4_721 / 10_500)}
    assert by_code["negative-counts"].numbers == {"rows": 377}
    assert by_code["category-spelling"].numbers == {"groups": [["eCommerce", "eCommerce "]], "rows": [[2_521, 444]]}
    assert by_code["duplicate-rows"].numbers["rows"] == 85
    assert by_code["conflicting-labels"].numbers["accuracy"] == pytest.approx(0.996, abs=0.0005)
    assert "1.0000" not in " ".join(each.detail for each in findings)
    assert [each.severity for each in findings].count("warning") == 3
    assert "error" not in [each.severity for each in findings]


def test_the_real_table_with_its_labels_the_other_way_round_is_noticed(tmp_path: Path, real: Path) -> None:
    project = Project.of({"load.source": str(real), "load.target": "label", "load.positive_label": 1})
    findings = read(project)
    (polarity,) = [each for each in findings if each.code == "label-polarity"]
    assert polarity.severity == "warning"
    assert not polarity.numbers["along"]
