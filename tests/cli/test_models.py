"""``phish models`` and ``phish verify``: from a release to a champion and back, and nothing that was changed passes."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from phishcli import load_bundle
from phishcli.artifacts import Manifest
from phishcli.artifacts.manifest import note
from phishcli.errors import PersistError
from phishcli.serving.reference import find_named, find_release
from tests.conftest import small_table

ROOT = Path("results/artifacts")


@pytest.fixture(autouse=True)
def _somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ann")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "ann@example.org")


@pytest.fixture
def two(on_sites: Callable) -> None:
    """Two releases: v1.0.0 of two models, v1.0.1 of one other."""
    assert on_sites("run-all", "--persist").code == 0
    assert on_sites("run-all", "--persist", models="[LightGBM]").code == 0


def versions(phish: Callable) -> dict[str, list[str]]:
    return {each["version"]: each["aliases"] for each in phish("models", "list", "--json").document}


def test_promote_and_roll_back(two: None, phish: Callable) -> None:
    assert phish("models", "promote", "v1.0.0", "--why", "the first").out.startswith("v1.0.0 is now champion.")
    said = phish("models", "promote", "--require", "accuracy>=0.1", "--json").document
    rows = pd.read_parquet(".cache/evaluate/LightGBM/latest/predictions.parquet")
    old = load_bundle(ROOT / "v1.0.0").verdicts(small_table().iloc[rows["row"]])
    new = load_bundle(ROOT / "v1.0.1").verdicts(small_table().iloc[rows["row"]])
    assert said["flips"]["rows"] == len(rows)
    assert said["flips"]["flipped"] == sum(a.verdict != b.verdict for a, b in zip(old, new, strict=True))
    assert said["gate"][0].startswith("accuracy>=0.1")
    assert versions(phish) == {"v1.0.0": [], "v1.0.1": ["champion"]}
    assert find_release("champion", ROOT).name == "v1.0.1"
    assert phish("models", "rollback", "--why", "too many alerts").out.startswith("v1.0.0 is now champion")
    assert find_release("champion", ROOT).name == "v1.0.0"
    log = phish("models", "log", "--json").document
    assert [(each["action"], each["version"], each["who"]) for each in log] == [
        ("promote", "1.0.0", "Ann <ann@example.org>"),
        ("promote", "1.0.1", "Ann <ann@example.org>"),
        ("rollback", "1.0.0", "Ann <ann@example.org>"),
    ]
    assert phish("models", "rollback").code == 7
    assert "3 entries" in phish("models", "log", "--verify").out


def test_an_alias_means_the_model_that_was_promoted(two: None, phish: Callable) -> None:
    small_table().head(5).to_csv("new.csv", index=False)
    selected = load_bundle(ROOT / "v1.0.0").metadata.model
    (other,) = {*phish("models", "show", "v1.0.0", "--json").document["models"]} - {selected}
    assert phish("models", "promote", "v1.0.0").code == 0
    assert phish("models", "promote", f"v1.0.0:{other}").out.startswith(f"v1.0.0 ({other}) is now champion")
    assert phish("predict", "new.csv", "-o", "out.csv").code == 0
    assert set(pd.read_csv("out.csv")["model"]) == {other}
    assert versions(phish)["v1.0.0"] == [f"champion:{other}"]
    assert phish("models", "promote", f"v1.0.0:{other}", "--why", "said twice").code == 0
    assert phish("models", "rollback").out.startswith(f"v1.0.0 ({selected}) is now champion")
    assert find_named("champion", ROOT) == (find_release("v1.0.0", ROOT), selected)
    assert find_named(f"champion:{other}", ROOT)[1] == other
    assert phish("models", "log", "--at", "2020-01-01 12:00").out.startswith("No alias pointed to a release at 2020")


def test_predict_takes_the_champion(two: None, phish: Callable) -> None:
    def version() -> str:
        found: str = phish("predict", "sites.csv", "-o", "o.parquet", "--json").document["version"]
        return found

    assert version() == "1.0.1"
    assert phish("models", "promote", "v1.0.0").code == 0
    assert version() == "1.0.0"


def test_a_requirement_that_is_not_met_changes_nothing(two: None, phish: Callable) -> None:
    said = phish("models", "promote", "--require", "accuracy>=0.999")
    assert said.code == 8
    assert "accuracy>=0.999" in said.err
    assert phish("models", "log", "--json").document == []


def test_a_proposal_needs_somebody_else(two: None, phish: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "is proposed as champion" in phish("models", "promote", "v1.0.0", "--require-approval").out
    said = phish("models", "approve")
    assert said.code == 7
    assert "Someone else" in said.err
    with pytest.raises(PersistError):
        find_release("champion", ROOT)
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Bob")
    assert phish("models", "approve").code == 0
    assert find_release("champion", ROOT).name == "v1.0.0"


def test_what_an_alias_points_to_stays(two: None, phish: Callable) -> None:
    assert phish("models", "promote", "v1.0.0", "--alias", "pilot").code == 0
    assert "v1.0.0 is in use as pilot and cannot be archived" in phish("models", "archive", "v1.0.0").err
    assert phish("models", "promote", "v1.0.1", "--alias", "pilot").code == 0
    assert phish("models", "archive", "v1.0.0").code == 0
    assert (ROOT / "archive" / "v1.0.0" / "manifest.json").is_file()
    assert list(versions(phish)) == ["v1.0.1"]
    assert "cannot be archived" in phish("models", "archive", "v1.0.1").err


def test_a_promoted_release_that_was_replaced_or_expired_is_refused(two: None, phish: Callable) -> None:
    assert phish("models", "promote", "v1.0.0", "--expires", "1h").code == 0
    assert find_release("champion", ROOT).name == "v1.0.0"
    manifest = ROOT / "v1.0.0" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"seconds"', ' "seconds"'))
    with pytest.raises(PersistError, match="not the one that was promoted"):
        find_release("champion", ROOT)


def test_no_way_back_to_a_release_that_is_gone(two: None, phish: Callable) -> None:
    for version in ("v1.0.0", "v1.0.1"):
        assert phish("models", "promote", version).code == 0
    assert phish("models", "archive", "v1.0.0").code == 0
    said = phish("models", "rollback")
    assert said.code == 7
    assert "missing or is not the one that was promoted" in said.err
    assert find_release("champion", ROOT).name == "v1.0.1"


def test_a_champion_that_was_replaced_is_not_passed_over_in_silence(two: None, phish: Callable) -> None:
    assert phish("models", "promote", "v1.0.0").code == 0
    manifest = ROOT / "v1.0.0" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"seconds"', ' "seconds"'))
    row = '{"Lines": 3, "NoOfImage": 1, "Industry": "Banking"}'
    for command in (("explain", "--row", row), ("predict", "sites.csv")):
        said = phish(*command)
        assert (said.code, "not the one that was promoted" in said.err) == (7, True), said.err


def test_mistakes_get_a_clear_message(two: None, phish: Callable) -> None:
    for arguments, code, text in (
        (("promote", "v7.0.0"), 7, "There is no release 'v7.0.0'"),
        (("promote", "--alias", "latest"), 2, "cannot be an alias"),
        (("promote", "--alias", "Größe"), 2, "cannot be an alias"),
        (("promote", "--expires", "soon"), 2, "Write 90d"),
        (("promote", "--require", "speed>=1"), 2, "There is no metric"),
        (("log", "--at", "tuesday"), 2, "2026-11-24 14:00"),
        (("rollback",), 7, "no earlier release to roll back to"),
        (("approve",), 7, "There is no proposal"),
        (("archive", "v9.9.9"), 7, "There is no release"),
    ):
        said = phish("models", *arguments)
        assert (said.code, text in said.err) == (code, True), (arguments, said.err)


def checks(phish: Callable, release: str = "v1.0.1") -> tuple[int, dict[str, str]]:
    said = phish("verify", release, "--json")
    return said.code, {each["name"]: each["state"] for each in said.document["checks"]}


def test_an_intact_release_passes_and_its_proof_is_run(two: None, phish: Callable) -> None:
    expected = {"files": "passed", "documents": "passed", "versions": "passed", "proof LightGBM": "passed"}
    assert checks(phish) == (0, expected)


class Payload:
    """Makes a file when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, ("has_run", "w")


def _adapt(folder: Path, name: str) -> None:
    """Write a manifest that vouches for a changed file."""
    manifest = Manifest.read(folder)
    from dataclasses import replace

    replace(manifest, files={**manifest.files, name: note(folder / name)}).write(folder)


def test_what_was_changed_is_refused_and_nothing_in_it_runs(two: None, phish: Callable) -> None:
    folder = ROOT / "v1.0.1"
    model = folder / "LightGBM_model.txt"
    good = model.read_bytes()
    model.write_bytes(good[:-1] + b" ")
    assert checks(phish)[1] == {"files": "failed"}
    model.write_bytes(good)
    (folder / "more.txt").write_text("x")
    assert checks(phish)[1] == {"files": "failed"}
    (folder / "more.txt").unlink()
    (folder / "link.txt").symlink_to("/etc/hostname")
    assert checks(phish)[1] == {"files": "failed"}
    (folder / "link.txt").unlink()
    joblib = folder / "LightGBM_model.joblib"
    joblib.write_bytes(pickle.dumps(Payload()))
    assert checks(phish)[1] == {"files": "failed"}
    _adapt(folder, joblib.name)
    assert checks(phish)[1]["proof LightGBM"] == "passed"
    assert not Path("has_run").exists()


def test_a_model_that_says_something_else_fails_its_proof(two: None, phish: Callable) -> None:
    folder = ROOT / "v1.0.1"
    metadata = folder / "LightGBM_metadata.json"
    about = json.loads(metadata.read_text())
    metadata.write_text(json.dumps(about | {"calibration": {"kind": "sigmoid", "slope": 2.0, "intercept": 0.0}}))
    _adapt(folder, metadata.name)
    code, found = checks(phish)
    assert (code, found["proof LightGBM"]) == (8, "failed")


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname", "a\\..\\b"])
def test_a_path_that_leads_out_of_the_folder_is_refused(two: None, phish: Callable, name: str) -> None:
    from dataclasses import replace

    folder = ROOT / "v1.0.1"
    manifest = Manifest.read(folder)
    replace(manifest, files={**manifest.files, name: next(iter(manifest.files.values()))}).write(folder)
    assert checks(phish) == (8, {"files": "failed"})


def test_a_manifest_of_nested_brackets_is_refused(two: None, phish: Callable) -> None:
    (ROOT / "v1.0.1" / "manifest.json").write_text("[" * 10_000)
    assert checks(phish) == (8, {"manifest": "failed"})


def test_other_versions_are_a_warning_or_with_strict_a_failure(two: None, phish: Callable) -> None:
    folder = ROOT / "v1.0.1"
    metadata = folder / "LightGBM_metadata.json"
    about = json.loads(metadata.read_text())
    about["packages"]["numpy"] = "1.0.0"
    metadata.write_text(json.dumps(about))
    _adapt(folder, metadata.name)
    assert checks(phish)[1]["versions"] == "warning"
    assert phish("verify", "v1.0.1", "--strict").code == 8
