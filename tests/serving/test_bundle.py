"""A release opens again with three lines of Python and judges rows as the evaluated model did."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest

from phishcli import ValueWarning, load_bundle
from phishcli.artifacts import Manifest
from phishcli.artifacts.manifest import note
from phishcli.errors import DataError, PersistError
from phishcli.models import safe
from phishcli.serving.bundle import Bundle
from phishcli.serving.rows import read_rows
from phishcli.versions import library_versions


@pytest.fixture
def release(on_sites: Callable, tmp_path: Path) -> Path:
    assert on_sites("run-all", "--persist").code == 0
    return tmp_path / "results" / "artifacts" / "latest"


def test_a_release_holds_the_documented_files(release: Path) -> None:
    assert release.resolve().name == "v1.0.0"
    assert sorted(path.name for path in release.iterdir()) == [
        "LogisticRegression_metadata.json",
        "LogisticRegression_model.joblib",
        "LogisticRegression_model.skops",
        "NaiveBayes_metadata.json",
        "NaiveBayes_model.joblib",
        "NaiveBayes_model.skops",
        "config_snapshot.yaml",
        "encoder.json",
        "manifest.json",
        "preprocessor.joblib",
        "profile.json",
        "proof.json",
        "reference.json",
        "schema.json",
    ]


def test_the_same_content_under_another_path_leaves_no_trace_of_the_first_one(phish: Callable, sites: Path) -> None:
    quick = ("--set=evaluate.n_boot=40", "--set=report.charts=false", "--set=train.models=[NaiveBayes]")
    settings = ("--target=label", "--positive-label=phishing", *quick)
    assert phish("preprocess", "--source", sites, *settings).code == 0
    moved = sites.rename(sites.with_name("moved.csv"))
    assert phish("run-all", "--persist", "--source", moved, *settings).code == 0
    results = sites.parent / "results"
    for file in (".cache/load/latest/schema.json", "results/artifacts/latest/schema.json"):
        assert "origin" not in json.loads(sites.parent.joinpath(file).read_text())
    summary = json.loads((results / "summary.json").read_text())
    assert summary["data"]["origin"] == str(moved)
    texts = [path.read_text() for path in results.rglob("*") if path.suffix in (".json", ".txt", ".html", ".yaml")]
    assert len(texts) > 5
    assert not any("sites.csv" in text for text in texts)


def test_an_unknown_category_is_a_warning_at_the_place_of_the_call(release: Path, sites: Path) -> None:
    rows = pd.read_csv(sites).head(20)
    rows.loc[0, "Industry"] = "space travel"
    opened = load_bundle(release)
    for ask in (opened.predict, opened.predict_proba):
        with pytest.warns(ValueWarning, match=r"Industry: 1 of 20 rows .* \('space travel'\)") as caught:
            ask(rows)
        assert [each.filename for each in caught] == [__file__]


def test_the_metadata_say_what_one_must_know(release: Path, sites: Path) -> None:
    metadata = json.loads((release / "NaiveBayes_metadata.json").read_text())
    assert metadata["version"] == "1.0.0"
    assert metadata["positive_label"] == "phishing"
    assert set(metadata["metrics"]) >= {"accuracy", "roc_auc"}
    assert metadata["cross_validation"]["accuracy"]["mean"] > 0.5
    assert metadata["training_seconds"]["fit"] > 0
    assert len(metadata["data"]["sha256"]) == 64
    assert metadata["packages"]["scikit-learn"]
    assert metadata["hyperparameters"]["var_smoothing"] > 0
    assert metadata["columns"] == ["Lines", "NoOfImage", "Industry"]


@pytest.mark.parametrize("model", ["LogisticRegression", "NaiveBayes"])
def test_raw_rows_get_the_probabilities_that_were_evaluated(
    release: Path, sites: Path, tmp_path: Path, model: str
) -> None:
    rows = pd.read_csv(sites)
    expected = pd.read_parquet(tmp_path / f".cache/evaluate/{model}/latest/predictions.parquet")
    bundle = load_bundle(release, model)
    found = bundle.predict_proba(rows.iloc[expected["row"]])
    assert np.array_equal(found, expected["probability"])
    labels = bundle.predict(rows.iloc[expected["row"]])
    assert [label == "phishing" for label in labels] == expected["prediction"].astype(bool).tolist()


@pytest.mark.parametrize(
    ("calibrate", "threshold"),
    [("isotonic", "max_f1"), ("sigmoid", "{max_fpr: 0.1}"), ("none", "{cost_ratio: 5, base_rate: 0.01}")],
)
def test_raw_rows_get_the_calibrated_probabilities_and_the_verdicts_of_the_chosen_threshold(
    on_sites: Callable, sites: Path, tmp_path: Path, calibrate: str, threshold: str
) -> None:
    rules = (f"--set=evaluate.calibrate={calibrate}", f"--set=evaluate.threshold={threshold}")
    assert on_sites("run-all", "--persist", *rules, models="[NaiveBayes]").code == 0
    expected = pd.read_parquet(tmp_path / ".cache/evaluate/NaiveBayes/latest/predictions.parquet")
    rows = pd.read_csv(sites).iloc[expected["row"]]
    bundle = load_bundle(tmp_path / "results/artifacts/latest")
    assert np.array_equal(bundle.predict_proba(rows), expected["probability"])
    assert [label == "phishing" for label in bundle.predict(rows)] == expected["prediction"].astype(bool).tolist()
    raw = bundle.score(bundle.encoder.encode(read_rows(rows, bundle.schema)))
    assert np.array_equal(raw, expected["probability"]) == (calibrate == "none")
    assert bundle.threshold == bundle.metadata.threshold_rule.threshold != 0.5
    assert expected["prediction"].nunique() == 2


def test_every_default_model_gives_the_rows_of_the_real_table_the_probabilities_that_were_evaluated(
    phish: Callable, real: Path, tmp_path: Path
) -> None:
    quick = ("--set=evaluate.n_boot=0", "--set=evaluate.explain=false", "--set=report.charts=false")
    config = Path(__file__).parents[2] / "configs/phishing-db.yaml"
    assert phish("run-all", "--persist", "-c", config, "--source", real, *quick).code == 0
    with closing(sqlite3.connect(real)) as database:
        table = pd.read_sql("SELECT * FROM phishing_data", database)
    models = json.loads((tmp_path / "results/artifacts/latest/manifest.json").read_text())["extra"]["models"]
    assert len(models) == 5
    for model in models:
        expected = pd.read_parquet(tmp_path / f".cache/evaluate/{model}/latest/predictions.parquet")
        rows = table.iloc[expected["row"]]
        bundle = load_bundle(tmp_path / "results/artifacts/latest", model)
        assert np.array_equal(bundle.predict_proba(rows), expected["probability"])
        assert np.array_equal(bundle.predict_proba(rows.to_dict("records")), expected["probability"])


def test_the_files_open_with_joblib_alone(release: Path, tmp_path: Path) -> None:
    program = f"""
import joblib, pandas as pd
preprocessor = joblib.load("{release}/preprocessor.joblib")
model = joblib.load("{release}/NaiveBayes_model.joblib")
features = pd.read_parquet(".cache/load/latest/features.parquet")
print(model.predict_proba(preprocessor.transform(features))[:, 1].sum())
import sys
assert not any(name.startswith("phishcli") for name in sys.modules)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    rows = pd.read_csv("sites.csv")
    assert float(said.stdout) == pytest.approx(load_bundle(release, "NaiveBayes").predict_proba(rows).sum())


def test_without_a_name_the_selected_model_is_opened(release: Path) -> None:
    selected = json.loads((release / "manifest.json").read_text())["extra"]["selected"]
    assert load_bundle(release).metadata.model == Bundle.load(release).metadata.model == selected


def test_one_row_with_its_columns_in_any_order_and_more_of_them_is_judged_alike(release: Path, sites: Path) -> None:
    rows = pd.read_csv(sites)
    bundle = load_bundle(release)
    shuffled = rows[["Industry", "label", "NoOfImage", "Lines"]].assign(extra=1).iloc[[3]]
    assert bundle.predict_proba(shuffled) == bundle.predict_proba(rows)[3]


def test_a_missing_column_is_named(release: Path, sites: Path) -> None:
    with pytest.raises(DataError, match="Industry"):
        load_bundle(release).predict_proba(pd.read_csv(sites).drop(columns="Industry"))


@pytest.mark.parametrize("suffix", ["joblib", "skops"])
def test_nothing_is_read_that_does_not_match_its_hash(
    release: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safe, "is_installed", lambda: suffix == "skops")
    path = release / f"LogisticRegression_model.{suffix}"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(PersistError, match=rf"LogisticRegression_model\.{suffix} does not match its hash"):
        load_bundle(release, "LogisticRegression")


def test_a_model_reads_alike_as_data_and_as_a_pickle(
    release: Path, sites: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = pd.read_csv(sites)
    as_data = load_bundle(release, "NaiveBayes").predict_proba(rows)
    monkeypatch.setattr(safe, "is_installed", lambda: False)
    assert load_bundle(release, "NaiveBayes").predict_proba(rows).tobytes() == as_data.tobytes()


def test_a_model_that_is_not_in_the_release_is_an_error_that_lists_those_that_are(release: Path) -> None:
    with pytest.raises(PersistError, match="no model 'KNN'\nIt holds LogisticRegression, NaiveBayes"):
        load_bundle(release, "KNN")


def test_a_folder_that_is_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PersistError, match=r"cannot be opened as a release: manifest\.json is missing"):
        load_bundle(tmp_path)


def test_an_artifact_of_the_cache_is_no_release(release: Path, tmp_path: Path) -> None:
    with pytest.raises(PersistError, match="cannot be opened as a release"):
        load_bundle(tmp_path / ".cache/load/latest")


def test_versions_follow_from_what_changed(on_sites: Callable, release: Path, sites: Path) -> None:
    def version(*arguments: str) -> str:
        assert on_sites("persist", *arguments).code == 0
        return release.resolve().name

    assert version() == "v1.0.0"
    assert version("--set=report.title=Other") == "v1.0.0"
    assert version("--set=train.params.NaiveBayes.var_smoothing=1e-6") == "v1.0.1"
    frame = pd.read_csv(sites)
    frame.loc[0, "Lines"] = 12345
    frame.to_csv(sites, index=False)
    assert version("--set=train.params.NaiveBayes.var_smoothing=1e-6") == "v1.1.0"
    assert version("--set=load.clean.strip_categories=true") == "v2.0.0"


def test_the_snapshot_of_the_settings_makes_the_same_run_again(
    on_sites: Callable, phish: Callable, release: Path
) -> None:
    said = phish("run-all", "-c", release / "config_snapshot.yaml", "--json")
    assert {stage["state"] for stage in said.document["stages"]} == {"cached"}


def test_status_knows_whether_the_last_release_is_current(on_sites: Callable, release: Path) -> None:
    said = on_sites("status", "--set=persist.enabled=true", "--json")
    assert said.document["steps"][-1]["step"] == "persist"
    assert said.document["fresh"]
    changed = on_sites("status", "--set=persist.enabled=true", "--set=evaluate.threshold=0.4", "--json")
    assert not changed.document["fresh"]


def test_rows_may_be_dicts_or_none_at_all(release: Path) -> None:
    bundle = load_bundle(release)
    rows = pd.read_csv("sites.csv").head(2)
    assert bundle.predict(rows.to_dict("records")) == bundle.predict(rows)
    assert bundle.predict(rows.to_dict("records")[0]) == bundle.predict(rows)[:1]
    assert bundle.predict(rows.head(0)) == bundle.predict([]) == []


def test_versions_that_differ_from_those_in_training_are_one_warning(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from phishcli.serving import opening

    found = {"numpy": "1.0", "scikit-learn": "1.5.2"}
    monkeypatch.setattr(opening, "library_versions", lambda names: library_versions(names) | found)
    trained = library_versions(found)
    with pytest.warns(opening.VersionWarning) as caught:
        assert load_bundle(release, "NaiveBayes").predict(pd.read_csv("sites.csv").head(1))
    assert len(caught) == 1
    assert str(caught[0].message) == (
        f"NaiveBayes was trained with numpy {trained['numpy']} (found: 1.0) and scikit-learn "
        f"{trained['scikit-learn']} (found: 1.5.2); its probabilities may differ. "
        "Install the versions it was trained with, or train it again."
    )
    assert caught[0].filename == __file__
    with pytest.warns(opening.VersionWarning) as caught:
        Bundle.load(release, "NaiveBayes")
    assert caught[0].filename == __file__


def test_a_library_that_is_not_installed_is_named_with_the_version_to_install(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from phishcli.serving import opening

    monkeypatch.setattr(opening, "library_versions", lambda names: library_versions(names) | {"scikit-learn": None})
    needed = f"scikit-learn=={library_versions(['scikit-learn'])['scikit-learn']}"
    with pytest.raises(PersistError, match=f"NaiveBayes needs {needed}, which is not installed\npip install {needed}"):
        load_bundle(release, "NaiveBayes")


def test_a_pickle_of_another_version_of_scikit_learn_is_one_warning_too(release: Path) -> None:
    import sklearn.base

    path = release / "NaiveBayes_model.joblib"
    estimator = joblib.load(path)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sklearn.base, "__version__", "1.5.2")
        joblib.dump(estimator, path)
    resealed(release, path.name)
    metadata = json.loads((release / "NaiveBayes_metadata.json").read_text())
    metadata["packages"]["scikit-learn"] = "1.5.2"
    (release / "NaiveBayes_metadata.json").write_text(json.dumps(metadata))
    resealed(release, "NaiveBayes_metadata.json")
    with pytest.warns(UserWarning, match=r"scikit-learn 1\.5\.2 \(found") as caught:
        load_bundle(release, "NaiveBayes")
    assert len(caught) == 1


def resealed(release: Path, name: str) -> None:
    """Write the hash of a changed file into the manifest."""
    manifest = Manifest.read(release)
    replace(manifest, files={**manifest.files, name: note(release / name)}).write(release)


def test_a_bundle_and_a_run_say_in_a_few_words_what_they_are(release: Path) -> None:
    assert repr(load_bundle(release)) == "Bundle(LogisticRegression v1.0.0, 3 columns, threshold 0.5)"
