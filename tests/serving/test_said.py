"""Answers to many rows carry verdict, rule, reasons and indicators, the same as those to single rows."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli import load_bundle
from phishcli.serving.fast import compile_row
from phishcli.serving.json_lines import LineTally, answer_lines
from phishcli.serving.own_rules import read_rules
from phishcli.serving.verdicts import Judge
from tests.conftest import small_table

RULES = "- {name: ours, column: Site, match: domain, values: [ours.example], verdict: allow, why: our own}\n"


@pytest.fixture
def release(on_sites: Callable, tmp_path: Path) -> Path:
    bands = ("--set=verdicts.block=0.8", "--set=verdicts.review=0.3")
    assert on_sites("run-all", "--persist", *bands, models="[LogisticRegression]").code == 0
    return tmp_path / "results" / "artifacts" / "latest"


@pytest.fixture
def rows() -> pd.DataFrame:
    """New rows; the fourth is unlike training, the fifth is one's own site."""
    frame = small_table(150, seed=9)
    frame["Site"] = [f"https://site{number}.example/a?b='c'" for number in range(150)]
    frame.loc[4, "Site"] = "https://login.ours.example/x"
    frame.loc[3, ["NoOfImage", "Industry"]] = [10**6, "Zoo"]
    frame.to_parquet("new.parquet")
    frame.to_csv("new.csv", index=False)
    Path("rules.yaml").write_text(RULES)
    return frame


@pytest.mark.filterwarnings("ignore::phishcli.serving.bundle.ValueWarning")
@pytest.mark.parametrize("source", ["new.parquet", "new.csv"])
def test_a_table_has_the_verdicts_and_reasons_of_its_rows(
    release: Path, rows: pd.DataFrame, phish: Callable, source: str
) -> None:
    assert phish("predict", source, "-o", "o.parquet", "--rules", "rules.yaml", "--explain", "2").code == 0
    found = pd.read_parquet("o.parquet")
    bundle = load_bundle(release)
    expected = Judge(bundle, read_rules(Path("rules.yaml"))).verdicts(rows)
    assert found["verdict"].tolist() == [each.verdict for each in expected]
    assert set(found["verdict"]) == {"block", "review", "allow", "unknown"}
    assert found["rule"].dropna().to_dict() == {4: "ours"}
    assert found["why"].dropna().to_dict() == {3: expected[3].reason, 4: "our own"}
    reasons = bundle.explain(rows, 2)
    for place in range(2):
        texts = [each[place].text if len(each) > place else None for each in reasons]
        assert found[f"reason_{place + 1}"].replace({np.nan: None}).tolist() == texts
    assert list(found.columns) == [
        *("probability", "verdict", "label", "threshold", "model", "version"),
        *("rule", "why", "reason_1", "reason_2"),
    ]


def test_the_summary_counts_verdicts(release: Path, rows: pd.DataFrame, phish: Callable) -> None:
    document = phish("predict", "new.parquet", "-o", "o.csv", "--json").document
    assert document["verdicts"] == pd.read_csv("o.csv")["verdict"].value_counts().to_dict()
    said = phish("predict", "new.parquet", "-o", "o.csv").out
    assert f"unknown {document['verdicts']['unknown']:,}." in " ".join(said.split())


def test_a_row_that_cannot_be_read_is_unknown_and_says_so(release: Path, rows: pd.DataFrame, phish: Callable) -> None:
    rows["Lines"] = rows["Lines"].astype(object)
    rows.loc[7, "Lines"] = "many"
    rows.to_csv("faulty.csv", index=False)
    assert phish("predict", "faulty.csv", "-o", "o.parquet", "--on-error", "null", "--explain", "1").code == 0
    found = pd.read_parquet("o.parquet")
    assert len(found) == 150
    assert (found["verdict"][7], found["why"][7]) == ("unknown", "the row cannot be read")
    assert found["reason_1"].isna().to_numpy().nonzero()[0].tolist() == [7]
    assert math.isnan(found["probability"][7])
    assert phish("predict", "new.csv", "-o", "all.parquet", "--explain", "1").code == 0
    pd.testing.assert_frame_equal(found.drop(index=7), pd.read_parquet("all.parquet").drop(index=7))


def test_json_lines_have_the_same_verdicts(release: Path, rows: pd.DataFrame, phish: Callable) -> None:
    lines = [json.dumps(row).encode() for row in json.loads(rows.to_json(orient="records"))]
    rules = read_rules(Path("rules.yaml"))
    bundle = load_bundle(release)
    found = answer_lines(compile_row(bundle), lines, LineTally(), judge=Judge(bundle, rules), reasons=1)
    answers = [json.loads(line) for line in found]
    assert phish("predict", "new.parquet", "-o", "o.parquet", "--rules", "rules.yaml", "--explain", "1").code == 0
    table = pd.read_parquet("o.parquet").replace({np.nan: None})
    for name in ("verdict", "rule", "why", "label"):
        assert [each[name] for each in answers] == table[name].tolist()
    assert [each["reasons"][:1] for each in answers] == [[text] if text else [] for text in table["reason_1"]]


def test_rules_need_their_column_and_a_file(release: Path, rows: pd.DataFrame, phish: Callable) -> None:
    rows.drop(columns="Site").to_csv("less.csv", index=False)
    said = phish("predict", "less.csv", "-o", "o.csv", "--rules", "rules.yaml")
    assert (said.code, "There is no column 'Site' for --rules" in said.err) == (2, True)
    assert phish("predict", "new.csv", "-o", "o.csv", "--rules", "none.yaml").code == 2
    assert not list(Path().glob("o.csv*"))


def indicators(path: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    bundle = json.loads(Path(path).read_text())
    return bundle, bundle["objects"]


def test_blocked_and_reviewed_rows_become_indicators(release: Path, rows: pd.DataFrame, phish: Callable) -> None:
    rows.loc[10, "Site"] = rows.loc[11, "Site"] = "https://twice.example/"
    rows.to_parquet("new.parquet")
    assert phish("predict", "new.parquet", "-o", "o.stix.json", "--of", "Site", "--valid-hours", "6").code == 0
    assert phish("predict", "new.parquet", "-o", "o.parquet", "--id", "Site").code == 0
    table = pd.read_parquet("o.parquet")
    chosen = table[table["verdict"].isin(["block", "review"])].drop_duplicates("Site")
    bundle, objects = indicators("o.stix.json")
    assert bundle["type"] == "bundle"
    assert bundle["id"].startswith("bundle--")
    assert len({each["id"] for each in objects}) == len(objects) == len(chosen)
    for each, (_, row) in zip(objects, chosen.iterrows(), strict=True):
        escaped = row["Site"].replace("'", "\\'")
        assert each["pattern"] == f"[url:value = '{escaped}']"
        assert (each["type"], each["spec_version"], each["pattern_type"]) == ("indicator", "2.1", "stix")
        assert each["confidence"] == round(100 * row["probability"])
        assert each["indicator_types"] == ["malicious-activity" if row["verdict"] == "block" else "anomalous-activity"]
        assert pd.Timestamp(each["valid_until"]) - pd.Timestamp(each["valid_from"]) == pd.Timedelta(hours=6)
        assert each["created"] == each["modified"] == each["valid_from"]


def test_indicators_need_a_column(release: Path, rows: pd.DataFrame, phish: Callable) -> None:
    said = phish("predict", "new.parquet", "-o", "o.stix.json")
    assert (said.code, "--of URL" in said.err) == (2, True)
    said = phish("predict", "new.parquet", "-o", "o.stix.json", "--of", "Page")
    assert (said.code, "There is no column 'Page'" in said.err) == (2, True)
    assert phish("predict", "new.parquet", "--format", "stix", "--of", "Site").code == 2


def test_a_damaged_parquet_file_is_an_error_never_a_traceback(
    release: Path, rows: pd.DataFrame, phish: Callable
) -> None:
    whole, rng = Path("new.parquet").read_bytes(), np.random.default_rng(5)
    for _ in range(60):
        damaged = bytearray(whole[: rng.integers(1, len(whole))] if rng.random() < 0.2 else whole)
        for place in rng.integers(max(0, len(damaged) - 3_000), len(damaged), 3):
            damaged[place] = rng.integers(256)
        Path("damaged.parquet").write_bytes(damaged)
        said = phish("predict", "damaged.parquet", "-o", "o.jsonl", "-q")
        assert said.code in (0, 3)
        assert "Unexpected" not in said.err


def test_a_name_that_is_no_text_makes_a_parquet_file_damaged(
    release: Path, rows: pd.DataFrame, phish: Callable
) -> None:
    Path("damaged.parquet").write_bytes(Path("new.parquet").read_bytes().replace(b"Lines", b"L\xb0nes"))
    said = phish("predict", "damaged.parquet", "-o", "o.jsonl")
    assert said.code == 3
    assert "damaged.parquet" in said.err
