"""Verdicts follow from both thresholds, from what is unlike training, and from rules, each in its own field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from phishcli import ValueWarning, load_bundle
from phishcli.documents.verdicts import Bands, OwnRule, OwnRules
from phishcli.errors import DataError
from phishcli.serving.bundle import Bundle
from phishcli.serving.rows import read_rows
from phishcli.serving.verdicts import DECISIONS, Judge
from tests.serving.served import ROW, make_release, table


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    bands = ("verdicts.block=0.8", "verdicts.review=0.3", "operation.volume=1000")
    root = make_release(tmp_path_factory.mktemp("verdicts"), *bands, models=("LightGBM", "LogisticRegression"))
    return load_bundle(root / "latest", "LightGBM")


def one(bundle: Bundle, **changed: Any) -> Any:
    return bundle.verdicts({**ROW, **changed})[0]


def test_thresholds_decide(bundle: Bundle) -> None:
    rows = table()
    probabilities = bundle.predict_proba(rows)
    expected = ["block" if p >= 0.8 else "review" if p >= 0.3 else "allow" for p in probabilities]
    found = bundle.verdicts(rows)
    assert [each.verdict for each in found] == expected
    assert {"block", "review", "allow"} == set(expected)
    assert [each.label for each in found] == ["phishing" if p >= 0.5 else "legitimate" for p in probabilities]
    assert [each.probability for each in found] == probabilities.tolist()
    assert {each.rule for each in found} == {None}
    said = {each.verdict: each.reason for each in found}
    assert said == {
        "block": "probability from 0.8 on",
        "review": "probability from 0.3 on and below 0.8",
        "allow": "probability below 0.3",
    }


def test_a_row_unlike_training_in_more_than_one_column_is_unknown_and_says_why(bundle: Bundle) -> None:
    assert one(bundle, NoOfImage=10**6).verdict != "unknown"
    assert one(bundle, Industry="Zoo").verdict != "unknown"
    strange = one(bundle, NoOfImage=10**6, Code="Z", Ratio=None)
    assert strange.verdict == "unknown"
    assert strange.reason == (
        "3 of 7 columns unlike training; without a value: Ratio; never seen: Code; outside the range: NoOfImage"
    )
    assert strange.rule is None
    assert strange.label in ("phishing", "legitimate")


def test_a_value_that_training_often_lacked_may_be_missing(bundle: Bundle) -> None:
    assert table()["Lines"].isna().mean() > 0.05
    assert one(bundle, Lines=None, NoOfImage=10**6).verdict != "unknown"
    assert one(bundle, Ratio=None, NoOfImage=10**6).verdict == "unknown"


@pytest.mark.parametrize(("share", "unknown"), [(0.0, True), (0.2, True), (0.3, False), (1.0, False)])
def test_the_share_of_strange_columns_is_a_setting(bundle: Bundle, share: float, unknown: bool) -> None:
    bands = bundle.metadata.bands
    assert bands is not None
    metadata = msgspec.structs.replace(bundle.metadata, bands=msgspec.structs.replace(bands, max_strange=share))
    found = one(replace(bundle, metadata=metadata), NoOfImage=10**6, Code="Z")
    assert (found.verdict == "unknown") is unknown


def test_hardly_a_training_row_is_unknown(bundle: Bundle) -> None:
    assert "unknown" not in {each.verdict for each in bundle.verdicts(table())}


def test_rules_beat_the_model_and_the_unknown_and_leave_score_and_label_alone(bundle: Bundle) -> None:
    rules = OwnRules(
        rules=(
            OwnRule(
                name="known", column="Site", values=("a.example",), verdict="allow", match="domain", why="a partner"
            ),
            OwnRule(name="seven", column="Code", values=("007",), verdict="block"),
        )
    )
    rows = table().head(60).assign(Site=["www.a.example", *["b.example"] * 59])
    plain, ruled = bundle.verdicts(rows), Judge(bundle, rules).verdicts(rows)
    assert (ruled[0].verdict, ruled[0].rule, ruled[0].reason) == ("allow", "known", "a partner")
    for row, before, after in zip(rows["Code"][1:], plain[1:], ruled[1:], strict=True):
        assert (after.verdict, after.rule) == (("block", "seven") if row == "007" else (before.verdict, None))
        assert (after.probability, after.score, after.label) == (before.probability, before.score, before.label)
    strange = {**ROW, "NoOfImage": 10**6, "Ratio": None}
    assert Judge(bundle, rules).verdicts(strange)[0].verdict == "block"
    assert Judge(bundle, rules).verdicts([strange, {**strange, "Code": "A"}])[1].verdict == "unknown"


def test_a_table_without_a_column_that_rules_look_at_is_refused(bundle: Bundle) -> None:
    rules = OwnRules(rules=(OwnRule(name="known", column="Site", values=("a",), verdict="allow"),))
    with pytest.raises(DataError, match="Rules look at columns that the rows lack"):
        Judge(bundle, rules).verdicts(table().head(3))


def test_many_at_once_get_the_verdicts_of_each(bundle: Bundle) -> None:
    rows = table()
    rows.loc[3, ["NoOfImage", "Code"]] = [10**6, "Z"]
    read = read_rows(rows, bundle.schema)
    judge = bundle.judge
    with pytest.warns(ValueWarning, match="'Z'"):
        probabilities = bundle.predict_proba(rows)
    found = [DECISIONS[code] for code in judge.decisions(probabilities, judge.count_strange(read))]
    assert found == [each.verdict for each in bundle.verdicts(rows)]
    assert found[3] == "unknown"


@pytest.mark.parametrize("form", [list, iter, pd.DataFrame])
def test_rows_may_have_any_form(bundle: Bundle, form: Callable[[Any], Any]) -> None:
    rows = table().head(4).to_dict("records")
    assert bundle.verdicts(form(rows)) == bundle.verdicts(table().head(4))
    assert bundle.verdicts([]) == []


def test_score_and_probability_differ_where_the_model_is_calibrated(tmp_path: Path) -> None:
    root = make_release(tmp_path, "evaluate.calibrate=sigmoid", models=("NaiveBayes",))
    found = load_bundle(root / "latest").verdicts(table().head(50))
    assert any(each.score != each.probability for each in found)


def test_a_release_of_an_earlier_version_blocks_what_it_labels_and_knows_nothing_strange(bundle: Bundle) -> None:
    old = replace(bundle, metadata=msgspec.structs.replace(bundle.metadata, bands=None), profile=None)
    rows = table()
    found = old.verdicts(rows)
    assert [each.verdict == "block" for each in found] == (old.predict_proba(rows) >= 0.5).tolist()
    assert old.verdicts({**ROW, "NoOfImage": 10**6, "Ratio": None, "Code": "Z"})[0].verdict != "unknown"


def test_the_bands_of_a_release_are_chosen_on_its_out_of_fold_scores(bundle: Bundle) -> None:
    bands: Bands | None = bundle.metadata.bands
    assert bands is not None
    assert bands.block is not None
    assert (bands.volume, bands.block.threshold) == (1000, 0.8)
    found = bands.block.confusion
    assert found.tp + found.fp + found.fn + found.tn == 320
    assert np.isclose(found.tp / found.positives, bands.block.recall.value or 0)
