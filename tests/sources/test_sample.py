"""The built-in sample: layout, warts, difficulty, and how it is written."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, RobustScaler
from xgboost import XGBClassifier

from phishcli.errors import ConfigError, PersistError
from phishcli.events import Event, Progress
from phishcli.sources import sample
from phishcli.sources.sample import SAMPLE_VERSION, blocks, load_spec, write_sample

REAL = Path(__file__).parents[3] / "shared" / "data" / "phishing.db"
needs_real = pytest.mark.skipif(not REAL.exists(), reason="the real database is not beside the repository")

FEATURES = {
    "LineOfCode": "REAL",
    "LargestLineLength": "INTEGER",
    "NoOfURLRedirect": "INTEGER",
    "NoOfSelfRedirect": "INTEGER",
    "NoOfPopup": "INTEGER",
    "NoOfiFrame": "INTEGER",
    "NoOfImage": "INTEGER",
    "NoOfSelfRef": "INTEGER",
    "NoOfExternalRef": "INTEGER",
    "Robots": "INTEGER",
    "IsResponsive": "INTEGER",
    "Industry": "TEXT",
    "HostingProvider": "TEXT",
    "DomainAgeMonths": "INTEGER",
}
SUFFIXES = [".db", ".sqlite", ".sqlite3", ".csv", ".csv.gz", ".parquet"]
CONTENT = {1: "6a052e26a98d0949f57877eb62a9524c22e3a3122e43c3f654c2dc9947a5092a"}
"""What 2,000 rows of seed 42 hash to, by `SAMPLE_VERSION`."""


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Hold the sample of the default size and seed, without its index column."""
    return drawn(sample.DEFAULT_ROWS, sample.DEFAULT_SEED).drop(columns="Unnamed: 0")


def drawn(rows: int, seed: int) -> pd.DataFrame:
    return pa.concat_tables(blocks(rows, seed)).to_pandas()


def read(path: Path) -> pd.DataFrame:
    if ".csv" in path.suffixes:
        return pd.read_csv(path)
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    with closing(sqlite3.connect(path)) as database:
        return pd.read_sql("SELECT * FROM phishing_data", database)


def test_the_database_has_the_table_the_columns_and_the_types_of_the_real_one(tmp_path: Path) -> None:
    write_sample(tmp_path / "sample.db", rows=50)
    with closing(sqlite3.connect(tmp_path / "sample.db")) as database:
        tables = database.execute("SELECT name FROM sqlite_master").fetchall()
        columns = {row[1]: row[2] for row in database.execute("PRAGMA table_info(phishing_data)")}
    assert tables == [("phishing_data",)]
    assert list(columns.items()) == [("Unnamed: 0", "INTEGER"), *FEATURES.items(), ("isPhishing", "INTEGER")]


@needs_real
def test_the_features_are_stored_as_in_the_real_table() -> None:
    with closing(sqlite3.connect(f"file:{REAL}?mode=ro", uri=True)) as database:
        columns = {row[1]: row[2] for row in database.execute("PRAGMA table_info(phishing_data)")}
    assert {name: kind for name, kind in columns.items() if name not in ("Unnamed: 0", "label")} == FEATURES


def test_every_value_in_the_database_has_the_type_of_its_column(tmp_path: Path) -> None:
    write_sample(tmp_path / "sample.db", rows=300)
    allowed = {"REAL": {"real", "null"}, "INTEGER": {"integer"}, "TEXT": {"text"}}
    with closing(sqlite3.connect(tmp_path / "sample.db")) as database:
        for name, kind in FEATURES.items():
            query = f'SELECT DISTINCT typeof("{name}") FROM phishing_data'  # noqa: S608 - a name from this file
            stored = {row[0] for row in database.execute(query)}
            assert stored == allowed[kind], name


def test_class_sizes_and_missing_line_counts_are_those_of_the_real_table(table: pd.DataFrame) -> None:
    assert table["isPhishing"].value_counts().to_dict() == {0: 5779, 1: 4721}
    missing = table["LineOfCode"].isna()
    assert missing.sum() == 2355
    assert set(table.loc[missing, "isPhishing"]) == {1}
    assert table.drop(columns="LineOfCode").notna().all(axis=None)


def test_the_warts_are_about_as_frequent_as_in_the_real_table(table: pd.DataFrame) -> None:
    assert (table["NoOfImage"] < 0).sum() == pytest.approx(377, abs=60)
    assert table["NoOfImage"].min() == -35
    assert (table["Industry"] == "eCommerce ").sum() == pytest.approx(444, abs=65)
    assert (table["Industry"] == "eCommerce").sum() > 2000
    assert table.duplicated().mean() == pytest.approx(0.0081, abs=0.003)


def test_numbers_are_whole_bounded_where_the_real_ones_are_and_heavy_tailed_elsewhere(table: pd.DataFrame) -> None:
    assert (table["LineOfCode"].dropna() % 1 == 0).all()
    assert set(table["Robots"]) == set(table["IsResponsive"]) == {0, 1}
    assert table["DomainAgeMonths"].between(0, 120).all()
    for column in ("LineOfCode", "LargestLineLength", "NoOfSelfRef", "NoOfExternalRef"):
        assert table[column].max() > 50 * table[column].median(), column


def test_phishing_pages_are_small_and_young(table: pd.DataFrame) -> None:
    medians = table.groupby("isPhishing")[["LineOfCode", "DomainAgeMonths"]].median()
    assert medians.loc[1, "LineOfCode"] == pytest.approx(37, abs=20)
    assert medians.loc[0, "LineOfCode"] == pytest.approx(888, abs=100)
    assert medians.loc[1, "DomainAgeMonths"] == pytest.approx(8, abs=2)
    assert medians.loc[0, "DomainAgeMonths"] == pytest.approx(39, abs=4)


@needs_real
def test_rank_correlations_are_those_of_the_real_table(table: pd.DataFrame) -> None:
    with closing(sqlite3.connect(f"file:{REAL}?mode=ro", uri=True)) as database:
        real = pd.read_sql("SELECT * FROM phishing_data", database)
    numbers = [name for name, kind in FEATURES.items() if kind != "TEXT"]
    difference = real[numbers].corr("spearman") - table[numbers].corr("spearman")
    assert difference.abs().max(axis=None) < 0.1


def held_out_scores(table: pd.DataFrame, target: pd.Series[int]) -> dict[str, tuple[float, float]]:
    """Accuracy and ROC-AUC of two untuned models on a fifth of the rows."""
    features = table[list(FEATURES)].assign(LineOfCode_Missing=table["LineOfCode"].isna().astype(int))
    train, test, y_train, y_test = train_test_split(features, target, test_size=0.2, stratify=target, random_state=42)
    numbers = make_pipeline(SimpleImputer(strategy="median"), RobustScaler())
    encode = make_column_transformer(
        (OneHotEncoder(drop="first", handle_unknown="ignore"), ["Industry", "HostingProvider"]), remainder=numbers
    )
    train, test = encode.fit_transform(train), encode.transform(test)
    found = {}
    for model in (
        LogisticRegression(max_iter=1000),
        XGBClassifier(n_estimators=100, learning_rate=0.1, max_depth=5, random_state=42, n_jobs=1),
    ):
        probability = model.fit(train, y_train).predict_proba(test)[:, 1]
        accuracy = float(((probability >= 0.5) == y_test).mean())
        found[type(model).__name__] = (accuracy, float(roc_auc_score(y_test, probability)))
    return found


@needs_real
def test_models_reach_about_what_they_reach_on_the_real_table(table: pd.DataFrame) -> None:
    with closing(sqlite3.connect(f"file:{REAL}?mode=ro", uri=True)) as database:
        real = pd.read_sql("SELECT * FROM phishing_data", database)
    expected = held_out_scores(real, 1 - real["label"])
    for model, figures in held_out_scores(table, table["isPhishing"]).items():
        assert figures == pytest.approx(expected[model], abs=0.03), model


def test_models_reach_what_the_provenance_says_of_the_real_table(table: pd.DataFrame) -> None:
    recorded = load_spec()["provenance"]["calibration"]["table"]
    found = held_out_scores(table, table["isPhishing"])
    for model, name in {"LogisticRegression": "LogisticRegression", "XGBClassifier": "XGBoost"}.items():
        assert found[model] == pytest.approx((recorded[name]["accuracy"], recorded[name]["roc_auc"]), abs=0.03), name


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_holds_the_same_table(tmp_path: Path, suffix: str) -> None:
    write_sample(tmp_path / f"sample{suffix}", rows=400, seed=3)
    pd.testing.assert_frame_equal(read(tmp_path / f"sample{suffix}"), drawn(400, 3))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_rows_and_seed_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    for name in ("one", "two"):
        write_sample(tmp_path / f"{name}{suffix}", rows=300, seed=5)
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


def test_another_seed_gives_another_table() -> None:
    assert not drawn(200, 1).equals(drawn(200, 2))


def test_a_change_of_the_content_needs_a_new_version() -> None:
    content = drawn(2000, 42).to_csv(index=False).encode()
    assert CONTENT[SAMPLE_VERSION] == hashlib.sha256(content).hexdigest(), "bump SAMPLE_VERSION and pin the new content"


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 400), seed=st.integers(0, 2**63))
def test_any_number_of_rows_and_any_seed_give_just_these_rows(rows: int, seed: int) -> None:
    found = drawn(rows, seed)
    assert found["Unnamed: 0"].tolist() == list(range(rows))
    assert set(found.loc[found["LineOfCode"].isna(), "isPhishing"]) <= {1}


@pytest.mark.parametrize("suffix", [".db", ".csv", ".parquet"])
def test_a_table_of_several_blocks_is_numbered_through_and_reported(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "BLOCK_ROWS", 100)
    events: list[Event] = []
    write_sample(tmp_path / f"sample{suffix}", rows=250, on_event=events.append)
    found = read(tmp_path / f"sample{suffix}")
    assert found["Unnamed: 0"].tolist() == list(range(250))
    assert found.drop(columns="Unnamed: 0").duplicated().mean() < 0.1
    assert events == [Progress("sample", done, 250, "rows") for done in (100, 200, 250)]


def test_blocks_are_drawn_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "BLOCK_ROWS", 100)
    stream = blocks(10**12, 1)
    assert [next(stream).num_rows for _ in range(3)] == [100, 100, 100]


def test_missing_folders_are_made(tmp_path: Path) -> None:
    write_sample(tmp_path / "a" / "b" / "sample.csv", rows=10)
    assert len(read(tmp_path / "a" / "b" / "sample.csv")) == 10


def test_suffixes_may_be_upper_case(tmp_path: Path) -> None:
    write_sample(tmp_path / "SAMPLE.PARQUET", rows=10)
    assert len(pd.read_parquet(tmp_path / "SAMPLE.PARQUET")) == 10


@pytest.mark.parametrize(("name", "shown"), [("sample.xlsx", r"\.xlsx"), ("sample", "a file without a suffix")])
def test_an_unknown_suffix_is_refused_with_the_known_ones(tmp_path: Path, name: str, shown: str) -> None:
    with pytest.raises(ConfigError, match=f"cannot be written as {shown}") as caught:
        write_sample(tmp_path / name)
    assert caught.value.hint == "End the name with one of .db, .sqlite, .sqlite3, .csv, .csv.gz, .parquet."


@pytest.mark.parametrize("rows", [0, -5])
def test_a_sample_without_rows_is_refused(tmp_path: Path, rows: int) -> None:
    with pytest.raises(ConfigError, match=f"A sample of {rows} rows"):
        write_sample(tmp_path / "sample.db", rows=rows)


def test_a_negative_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="The seed -1 is negative"):
        write_sample(tmp_path / "sample.db", seed=-1)


def test_an_existing_file_stays_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "sample.csv"
    path.write_text("mine")
    with pytest.raises(ConfigError, match="already exists") as caught:
        write_sample(path, rows=10)
    assert "--force" in str(caught.value.hint)
    assert path.read_text() == "mine"
    write_sample(path, rows=10, force=True)
    assert len(read(path)) == 10


def test_a_folder_is_refused_even_when_forced(tmp_path: Path) -> None:
    (tmp_path / "sample.db").mkdir()
    with pytest.raises(ConfigError, match="this is a folder"):
        write_sample(tmp_path / "sample.db", force=True)


@pytest.mark.parametrize("suffix", [".db", ".csv.gz", ".parquet"])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"sample{suffix}"
    path.write_text("old")

    def interrupt(event: Event) -> None:
        raise KeyboardInterrupt(event)

    with pytest.raises(KeyboardInterrupt, match="sample"):
        write_sample(path, rows=10, force=True, on_event=interrupt)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "old"


def test_a_place_that_cannot_be_written_to_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PersistError, match="could not be written") as caught:
        write_sample(tmp_path / "file" / "sample.db", rows=10)
    assert "-o" in str(caught.value.hint)


def test_the_module_is_light_to_import() -> None:
    code = "import json, sys, phishcli.sources.sample; print(json.dumps(list(sys.modules)))"
    modules = json.loads(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    )
    assert not {"numpy", "pandas", "scipy", "pyarrow", "sklearn"} & set(modules)


def test_the_file_of_aggregates_holds_aggregates_and_says_where_they_come_from() -> None:
    spec = load_spec()
    assert spec["provenance"]["source"]["rows"] == sum(group["rows"] for group in spec["groups"]) == 10_500
    assert set(spec["provenance"]["method"]) >= {"quantiles", "tail", "correlation", "swapped", "copied"}
    for group in spec["groups"]:
        for marginal in group["marginals"].values():
            assert set(marginal) <= {"probabilities", "quantiles", "tail", "shares", "values"}
            assert marginal.get("probabilities", []) == sorted(marginal.get("probabilities", []))
            assert marginal.get("quantiles", []) == sorted(marginal.get("quantiles", []))
            assert sum(marginal.get("shares", [1])) == pytest.approx(1, abs=1e-3)


def test_labels_are_swapped_evenly_and_only_where_lines_are_counted() -> None:
    swapped = {"legitimate": 0, "phishing": 0, "phishing without LineOfCode": 0}
    for group in load_spec()["groups"]:
        swapped[group["name"].split(",")[0]] += round(group["swapped"] * group["rows"])
    assert swapped["legitimate"] == swapped["phishing"] > 0
    assert swapped["phishing without LineOfCode"] == 0


@needs_real
def test_no_extreme_value_of_the_real_table_is_kept() -> None:
    with closing(sqlite3.connect(f"file:{REAL}?mode=ro", uri=True)) as database:
        real = pd.read_sql("SELECT * FROM phishing_data", database)
    for group in load_spec()["groups"]:
        for column in ("LineOfCode", "LargestLineLength", "NoOfImage", "NoOfSelfRef", "NoOfExternalRef"):
            kept = group["marginals"].get(column, {"quantiles": [0]})["quantiles"]
            assert (real[column] > max(kept)).sum() >= 10, (group["name"], column)
