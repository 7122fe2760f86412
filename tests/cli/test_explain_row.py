"""``phish explain --row`` gives the verdict of a row with its reasons, and refuses what is no row."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from phishcli import load_bundle
from phishcli.serving.changes import said as told
from phishcli.serving.changes import smallest_changes
from phishcli.serving.neighbors import nearest_rows

ROW = {"Lines": None, "NoOfImage": 3, "Industry": "Banking"}


@pytest.fixture
def released(on_sites: Callable, phish: Callable) -> Callable:
    assert on_sites("run-all", "--persist").code == 0
    return phish


def test_a_row_is_explained_by_the_last_release(released: Callable) -> None:
    bundle = load_bundle("results/artifacts/latest")
    said = released("explain", "--row", json.dumps(ROW))
    verdict, reasons = bundle.verdicts(ROW)[0], bundle.explain(ROW, 5)[0]
    assert said.code == 0
    assert said.out.startswith(f"{verdict.verdict}  probability {verdict.probability:.4f}\n{verdict.reason}; label ")
    changes = [told(bundle, ROW, change) for change in smallest_changes(bundle, ROW)]
    near = [str(each) for each in nearest_rows(bundle, ROW)]
    expected = [each.text for each in reasons] + changes
    shown, _, neighbors = said.out.partition("nearest training rows\n")
    assert " ".join(neighbors.partition("model")[0].split()) == " ".join(near)
    assert [line.strip() for line in shown.splitlines() if line.startswith("  ")] == expected
    assert f"model  {bundle.metadata.model} v1.0.0" in said.out


def test_model_release_number_of_reasons_and_form_are_chosen(released: Callable) -> None:
    chosen = ("--model", "v1.0.0", "--reasons", "1", "--json")
    document = released("explain", "naivebayes", "--row", json.dumps([ROW, {**ROW, "NoOfImage": 20}]), *chosen).document
    assert (document["model"], document["version"], len(document["rows"])) == ("NaiveBayes", "1.0.0", 2)
    bundle = load_bundle("results/artifacts/latest", "NaiveBayes")
    assert document["rows"][0]["probability"] == bundle.predict_proba(ROW)[0]
    assert [len(each["reasons"]) for each in document["rows"]] == [1, 1]
    assert document["rows"][0].keys() >= {"verdict", "label", "score", "rule", "reason"}


@pytest.mark.parametrize(
    "content", [json.dumps(ROW), json.dumps([ROW, ROW]), f"{json.dumps(ROW)}\n\n{json.dumps(ROW)}\n"]
)
def test_rows_may_be_in_a_file(released: Callable, tmp_path: Path, content: str) -> None:
    path = tmp_path / "row.json"
    path.write_text(content)
    document = released("explain", "--row", path, "--json").document
    assert len(document["rows"]) == content.count("Lines")


def test_an_unseen_category_is_a_note(released: Callable) -> None:
    said = released("explain", "--row", json.dumps({**ROW, "Industry": "Zoo"}))
    assert "Industry = Zoo" in said.out or "Zoo" not in said.out.partition("another verdict")[0]
    assert said.code == 0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("{", "This is not JSON"),
        ("[]", "not a row"),
        ("[1]", "not a row"),
        ('{"Lines": secret}', "This is not JSON"),
        ('{"Lines": ' + "9" * 5_000 + "}", "numbers that are too long"),
        ("[" * 100_000, "nested too deep"),
        ('{"Lines": 1}', "lack 2 of 3 columns"),
        ('{"Lines": "much", "NoOfImage": 1, "Industry": "Banking"}', "values that cannot be read"),
        ("row.json", "The file of rows cannot be read: No such file"),
        (".", "The file of rows cannot be read: Is a directory"),
    ],
)
def test_what_is_no_row_is_an_error(released: Callable, given: str, says: str) -> None:
    said = released("explain", "--row", given)
    assert said.code == 3
    assert says in said.err
    assert "secret" not in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("content", [b"\xff\xfe{", b"\x00", b"PAR1", b""])
def test_a_file_of_something_else_is_an_error(released: Callable, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "row.json").write_bytes(content)
    said = released("explain", "--row", "row.json")
    assert said.code == 3
    assert "Traceback" not in said.err


def test_without_a_release_there_is_nothing_to_explain_by(phish: Callable) -> None:
    said = phish("explain", "--row", json.dumps(ROW))
    assert said.code == 7
    assert "phish persist" in said.err


def test_a_row_of_the_table_is_shown_by_its_number(released: Callable, sites: Path) -> None:
    row = json.loads(pd.read_csv(sites)[list(ROW)].iloc[[17]].to_json(orient="records"))[0]
    by_value = released("explain", "--row", json.dumps(row), "--json").document["rows"][0]
    found = released("show", "row", "17", "--json").document["rows"][0]
    assert {name: found[name] for name in ("probability", "verdict", "reasons")} == {
        name: by_value[name] for name in ("probability", "verdict", "reasons")
    }
    label = pd.read_csv(sites)["label"][17]
    split = pd.read_parquet(".cache/preprocess/latest/split.parquet").set_index("row")["part"]
    assert found["name"].startswith(
        f"row 17, label {label}, in the {'training' if split[17] == 'train' else 'test'} part"
    )
    assert 17 not in [each["row"] for each in found["neighbors"]]
    assert {each["label"] for each in found["neighbors"]} == {"phishing", "legitimate"}


def test_a_row_of_another_table_than_that_of_the_release_is_in_no_part_of_it(
    on_sites: Callable, released: Callable, sites: Path
) -> None:
    pd.read_csv(sites).iloc[::-1].to_csv(sites, index=False)
    assert on_sites("preprocess").code == 0
    (found,) = released("show", "row", "17", "--json").document["rows"]
    assert found["name"].endswith(", from a table other than that of the release")


@pytest.mark.parametrize("given", [("row",), ("row", "100000"), ("load", "3")])
def test_a_row_that_is_not_there_is_an_error_of_usage(released: Callable, given: tuple[str, ...]) -> None:
    assert released("show", *given).code == 2
