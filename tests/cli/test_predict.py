"""``phish predict``: new rows get the answers that the evaluation gave, whatever the file, the batch or the way."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from phishcli import load_bundle
from phishcli.serving import parts, predict, prediction
from phishcli.serving.capacity import bands_for
from phishcli.serving.log_files import read_log
from phishcli.serving.log_table import Entry, log_schema, table_of
from phishcli.serving.plane import Answer, Crew
from phishcli.serving.served import Served
from phishcli.sources.readers import parquet_reader
from tests.conftest import small_table

NAMES = ("coded", "plain", "category")
COLUMNS = ["Lines", "NoOfImage", "Industry"]
LAST = ("label", "threshold", "model", "version", "why")


@pytest.fixture
def release(on_sites: Callable, tmp_path: Path) -> Path:
    assert on_sites("run-all", "--persist").code == 0
    return tmp_path / "results" / "artifacts" / "latest"


def new_rows(rows: int = 300) -> pd.DataFrame:
    return small_table(rows, seed=9)


def test_test_rows_of_the_source_have_the_probabilities_of_the_evaluation(
    release: Path, phish: Callable, sites: Path, tmp_path: Path
) -> None:
    frame = pd.read_csv(sites)
    frame.to_parquet("sites.parquet")
    with closing(sqlite3.connect("sites.db")) as database:
        frame.to_sql("sites", database, index=False)
    for model in ("LogisticRegression", "NaiveBayes"):
        expected = pd.read_parquet(tmp_path / f".cache/evaluate/{model}/latest/predictions.parquet")
        for name in ("sites.csv", "sites.parquet", "sites.db"):
            assert phish("predict", name, "-o", "out.parquet", "--model", f"v1.0.0:{model}").code == 0
            found = pd.read_parquet("out.parquet").iloc[expected["row"]]
            assert found["probability"].tolist() == expected["probability"].tolist()
            flagged = (found["label"] == "phishing").astype(int)
            assert flagged.tolist() == expected["prediction"].tolist()


@pytest.mark.parametrize("size", [1, 7, 64])
def test_answers_do_not_depend_on_the_size_of_a_batch_or_the_number_of_threads(
    release: Path, phish: Callable, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    new_rows().to_parquet("new.parquet")
    assert phish("predict", "new.parquet", "-o", "whole.csv", "-j", "1").code == 0
    monkeypatch.setattr(parquet_reader, "BATCH_ROWS", size)
    monkeypatch.setattr(prediction, "PART_BATCHES", 3)
    assert phish("predict", "new.parquet", "-o", "parts.csv", "-j", "3").code == 0
    assert Path("parts.csv").read_bytes() == Path("whole.csv").read_bytes()
    assert len(pd.read_csv("parts.csv")) == 300


def test_the_same_answers_in_every_format_with_the_columns_asked_for(release: Path, phish: Callable) -> None:
    rows = new_rows(50)
    rows.to_csv("new.csv", index=False)
    expected = load_bundle(release).predict_proba(rows)
    for name, read in (
        ("o.csv", pd.read_csv),
        ("o.parquet", pd.read_parquet),
        ("o.jsonl", lambda p: pd.read_json(p, lines=True)),
    ):
        assert phish("predict", "new.csv", "-o", name, "--id", "Unnamed: 0").code == 0
        found = read(name)
        assert list(found.columns) == ["Unnamed: 0", "probability", "verdict", *LAST]
        assert found["Unnamed: 0"].astype(int).tolist() == list(range(50))
        np.testing.assert_allclose(found["probability"], expected, rtol=1e-9)
    said = phish("predict", "new.csv", "--format", "jsonl")
    assert [json.loads(line)["probability"] for line in said.out.splitlines()] == expected.tolist()
    assert "50 rows in, 50 out" in said.err


def test_metrics_of_labelled_rows_are_those_of_scikit_learn(release: Path, phish: Callable) -> None:
    from sklearn.metrics import accuracy_score, recall_score, roc_auc_score

    rows = new_rows()
    rows.loc[3, "label"] = None
    rows.to_csv("new.csv", index=False)
    document = phish("predict", "new.csv", "-o", "o.parquet", "--json").document
    usable = rows["label"].notna()
    positive = (rows["label"] == "phishing")[usable]
    probability = pd.read_parquet("o.parquet")["probability"][usable]
    flagged = probability >= document["threshold"]
    assert (document["read"], document["answered"], document["labelled"], document["faults"]) == (300, 300, 299, 0)
    assert document["metrics"]["accuracy"]["value"] == pytest.approx(accuracy_score(positive, flagged))
    assert document["metrics"]["recall"]["value"] == pytest.approx(recall_score(positive, flagged))
    assert document["metrics"]["roc_auc"]["value"] == pytest.approx(roc_auc_score(positive, probability))
    assert document["metrics"]["accuracy"]["low"] < document["metrics"]["accuracy"]["value"]
    assert document["notices"] == []


def test_metrics_on_the_table_of_the_training_are_called_flattering(release: Path, phish: Callable) -> None:
    said = phish("predict", "sites.csv", "-o", "o.csv")
    assert "the metrics are better than on new rows" in said.err


@pytest.fixture
def faulty() -> pd.DataFrame:
    rows = new_rows(40)
    rows["Lines"] = rows["Lines"].astype(object)
    rows.loc[[5, 17], "Lines"] = ["many", "sixteen"]
    rows.to_csv("faulty.csv", index=False)
    return rows


def test_a_row_that_cannot_be_read_is_an_error_with_its_row_and_leaves_nothing(
    release: Path, phish: Callable, faulty: pd.DataFrame
) -> None:
    said = phish("predict", "faulty.csv", "-o", "o.csv")
    assert said.code == 3
    assert "column Lines: expected numbers, found 'many' (row 5)" in said.err
    assert not list(Path().glob("o.csv*"))


def test_rows_that_are_skipped_are_listed_and_the_others_are_unchanged(
    release: Path, phish: Callable, faulty: pd.DataFrame
) -> None:
    good = faulty.drop([5, 17])
    expected = load_bundle(release).predict_proba(good)
    document = phish(
        "predict", "faulty.csv", "-o", "o.csv", "--on-error", "skip", "--id", "Unnamed: 0", "--json"
    ).document
    assert (document["read"], document["answered"], document["faults"]) == (40, 38, 2)
    found = pd.read_csv("o.csv")
    assert found["Unnamed: 0"].tolist() == good["Unnamed: 0"].tolist()
    np.testing.assert_allclose(found["probability"], expected, rtol=1e-9)
    side = pd.read_csv(document["side"])
    assert side.to_dict("list") == {"row": [5, 17], "reason": ["Lines: expected numbers"] * 2}


def test_rows_that_count_as_null_stay_in_their_place(release: Path, phish: Callable, faulty: pd.DataFrame) -> None:
    assert phish("predict", "faulty.csv", "-o", "o.parquet", "--on-error", "null").code == 0
    found = pd.read_parquet("o.parquet")
    assert np.flatnonzero(found["probability"].isna()).tolist() == [5, 17]
    assert np.flatnonzero(found["label"].isna()).tolist() == [5, 17]


def test_an_interrupted_output_goes_on_after_its_last_part(
    release: Path, phish: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_rows().to_parquet("new.parquet")
    monkeypatch.setattr(parquet_reader, "BATCH_ROWS", 20)
    monkeypatch.setattr(prediction, "PART_BATCHES", 2)
    assert phish("predict", "new.parquet", "-o", "whole.csv").code == 0
    judged: list[int] = []
    judge = predict._judge

    def stopping(bundle: object, start: int, *rest: object) -> object:
        if start == 200 and not judged:
            raise KeyboardInterrupt
        judged.extend([start] if judged else [])
        return judge(bundle, start, *rest)  # type: ignore[arg-type]  # as the real one is called

    monkeypatch.setattr(predict, "_judge", stopping)
    assert phish("predict", "new.parquet", "-o", "o.csv", "-j", "1").code == 130
    assert not Path("o.csv").exists()
    assert parts.folder_of(Path("o.csv")).is_dir()
    judged.append(-1)
    assert phish("predict", "new.parquet", "-o", "o.csv", "-j", "1", "--resume").code == 0
    assert judged[1] in (160, 200)
    assert Path("o.csv").read_bytes() == Path("whole.csv").read_bytes()
    assert not parts.folder_of(Path("o.csv")).exists()


def test_only_the_same_question_can_be_gone_on_with(
    release: Path, phish: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_rows(60).to_parquet("new.parquet")
    assert "There is no unfinished output of o.csv" in phish("predict", "new.parquet", "-o", "o.csv", "--resume").err
    folder = parts.folder_of(Path("o.csv"))
    folder.mkdir()
    (folder / "mine.txt").write_text("keep")
    said = phish("predict", "new.parquet", "-o", "o.csv")
    assert said.code == 2
    assert "holds other files" in said.err
    assert (folder / "mine.txt").read_text() == "keep"


def test_each_json_line_is_answered_and_a_bad_one_is_named(
    release: Path, phish: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = new_rows(4)[COLUMNS].astype(object).where(lambda frame: frame.notna(), None)
    lines = [json.dumps(row) for row in rows.to_dict("records")]
    given = "\n".join([lines[0], "{no json", "", lines[1], "[1]", '{"Lines": 1}', lines[2]]) + "\n"
    expected = load_bundle(release).predict_proba(rows)

    def ask(*options: str) -> tuple[int, list[dict[str, object]], str]:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(given.encode()), isatty=lambda: False))
        out = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, write_through=True))
        code = 0
        try:
            from phishcli.cli.app import lean

            lean(["predict"])(["predict", "-", "--jsonl", *options])
        except SystemExit as end:
            code = int(end.code or 0)
        return code, [json.loads(line) for line in out.getvalue().decode().splitlines()], ""

    code, found, _ = ask("--on-error", "null")
    assert code == 0
    assert [answer.get("line") for answer in found] == [None, 2, None, 5, 6, None]
    assert "error" in found[1]
    good = [answer["probability"] for answer in found if "probability" in answer]
    assert good == pytest.approx(expected[:3].tolist(), abs=1e-6)
    code, found, _ = ask("--on-error", "skip")
    assert (code, len(found)) == (0, 3)
    code, found, _ = ask()
    assert (code, len(found)) == (3, 1)


def test_a_column_in_which_no_category_is_known_is_an_error_over_the_whole_file(release: Path, phish: Callable) -> None:
    rows = new_rows(100)
    rows["Industry"] = "space travel"
    rows.to_csv("new.csv", index=False)
    said = phish("predict", "new.csv", "-o", "o.csv")
    assert said.code == 3
    assert "No value of 1 column is among the categories seen in training" in said.err
    assert not Path("o.csv").exists()
    rows.loc[0, "Industry"] = "Banking"
    rows.to_csv("new.csv", index=False)
    assert (
        "Industry: 99 of 100 rows with a category that was not in training"
        in phish("predict", "new.csv", "-o", "o.csv").err
    )


def test_mistakes_of_a_user_get_one_clear_message(release: Path, phish: Callable) -> None:
    new_rows(20).to_csv("new.csv", index=False)
    new_rows(20).drop(columns="Lines").to_csv("less.csv", index=False)
    for arguments, code, text in (
        (("nowhere.csv",), 3, "nowhere.csv"),
        (("less.csv",), 3, "The rows lack 1 of 3 columns: Lines"),
        (("new.csv", "--id", "industry"), 2, "Did you mean Industry?"),
        (("new.csv", "-o", "o.txt"), 2, "The format of o.txt is not clear from its suffix"),
        (("new.csv", "--format", "parquet"), 2, "Name a file"),
        (("new.csv", "--model", "v9.0.0"), 7, "There is no release 'v9.0.0'"),
        (("new.csv", "--model", "latest:XGBoost"), 7, "XGBoost"),
        (("new.csv", "--jsonl"), 2, "phish predict - --jsonl"),
        (("new.csv", "--resume"), 2, "-o scores.parquet"),
    ):
        said = phish("predict", *arguments)
        assert (said.code, text in said.err) == (code, True), (arguments, said.err)


@pytest.mark.parametrize("name", ["new.csv", "link.csv", "../{here}/new.csv"])
def test_answers_never_replace_the_rows(release: Path, phish: Callable, name: str) -> None:
    new_rows(3).to_csv("new.csv", index=False)
    Path("link.csv").symlink_to("new.csv")
    before = Path("new.csv").read_bytes()
    done = phish("predict", "new.csv", "-o", name.format(here=Path.cwd().name))
    assert done.code == 2
    assert "would replace the rows" in done.err
    assert Path("new.csv").read_bytes() == before


def test_a_file_cut_short_is_an_error_and_leaves_nothing(release: Path, phish: Callable) -> None:
    parquet.write_table(pa.Table.from_pandas(new_rows(5000)), "new.parquet")
    content = Path("new.parquet").read_bytes()
    Path("cut.parquet").write_bytes(content[: len(content) // 2])
    Path("nul.csv").write_bytes(b"Lines,NoOfImage,Industry\n1,2,\x00\n3,4\n")
    for name in ("cut.parquet", "nul.csv"):
        said = phish("predict", name, "-o", "o.csv")
        assert said.code == 3
        assert "Traceback" not in said.err
        assert not list(Path().glob("o.csv*"))


def test_a_log_holds_what_a_service_would_log(release: Path, phish: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = new_rows(200)
    rows.loc[3, "Lines"] = None
    rows.to_csv("new.csv", index=False)
    monkeypatch.setattr(prediction, "PART_BATCHES", 1)
    assert phish("predict", "new.csv", "-o", "o.csv", "--log", "log", "--model", "latest").code == 0
    found = pa.concat_tables(read_log(Path("log")))
    served = Served.open(release.resolve(), "latest")
    records = json.loads(rows.to_json(orient="records", double_precision=15))
    answer = Answer(Crew(served), records, served.predict(records), ["main"] * len(records))
    expected = table_of([Entry("x", 0.0, answer)], served.kinds)
    assert found.schema.remove_metadata() == log_schema(served.kinds)
    for name in set(found.schema.names) - {"id", "time", "probability", "score"}:
        assert found.column(name).to_pylist() == expected.column(name).to_pylist(), name
    for name in ("probability", "score"):
        assert found.column(name).to_pylist() == pytest.approx(expected.column(name).to_pylist(), abs=1e-6)
    assert found.column("id").to_pylist() == [f"new.csv/{row}" for row in range(200)]


def test_only_rows_with_an_answer_are_logged_with_their_place_or_id(release: Path, phish: Callable) -> None:
    rows = new_rows(50).astype({"Lines": object})
    rows.loc[7, "Lines"] = "many"
    rows.to_csv("new.csv", index=False)
    assert phish("predict", "new.csv", "-o", "o.csv", "--log", "log", "--on-error", "null").code == 0
    expected = [f"new.csv/{row}" for row in range(50) if row != 7]
    assert next(read_log(Path("log"))).column("id").to_pylist() == expected
    assert phish("predict", "new.csv", "--log", "named", "--on-error", "skip", "--id", "Industry").code == 0
    named = next(read_log(Path("named"))).column("id").to_pylist()
    assert named == rows["Industry"].drop(7).fillna("").tolist()
    assert phish("predict", "-", "--jsonl", "--log", "log").code == 2


def test_a_capacity_decides_what_is_reviewed_and_says_what_it_promises(release: Path, phish: Callable) -> None:
    new_rows().to_parquet("new.parquet")
    few = phish("predict", "new.parquet", "-o", "o.parquet", "--review-capacity", "2,000/day", "--volume", "5,000")
    bands = bands_for(load_bundle(release), 2000, 5000)
    assert few.code == 0
    assert "2,000 reviews per day of 5,000" in few.err.replace("\n", " ")
    table = pd.read_parquet("o.parquet")
    assert bands.review is not None
    assert (table["verdict"] == "allow").tolist() == (table["probability"] < bands.review.threshold).tolist()
    for wrong in (("--review-capacity", "many"), ("--review-capacity", "0"), ("--volume", "5")):
        assert phish("predict", "new.parquet", *wrong).code == 2


def test_texts_that_a_file_keeps_as_a_dictionary_are_read_alike(release: Path, phish: Callable) -> None:
    rows = new_rows()
    rows.loc[:40, "Industry"] = None
    rows.loc[41:60, "Industry"] = "Zoo"
    parquet.write_table(pa.Table.from_pandas(rows), "coded.parquet", row_group_size=50)
    parquet.write_table(pa.Table.from_pandas(rows), "plain.parquet", use_dictionary=False)
    rows.astype({"Industry": "category"}).to_parquet("category.parquet")
    said = [phish("predict", f"{name}.parquet", "-o", f"{name}.out.csv", "--id", "Lines") for name in NAMES]
    assert {each.code for each in said} == {0}
    assert len({Path(f"{name}.out.csv").read_bytes() for name in NAMES}) == 1
    notices = {each.err.replace("\n", " ").partition("Zoo")[0][-90:] for each in said}
    assert len(notices) == 1


def test_answers_never_replace_a_pipe(release: Path, phish: Callable) -> None:
    new_rows().to_csv("new.csv", index=False)
    os.mkfifo("pipe")
    said = phish("predict", "new.csv", "-o", "pipe", "--format", "csv")
    assert said.code == 7
    assert "error: The output cannot be written: Not a regular file\n  where: pipe" in said.err
    assert "choose another place with -o/--output" in said.err
    assert not list(Path().glob("*.unfinished"))
