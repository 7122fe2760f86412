"""``phish replay`` shows the verdicts of a log that another release would change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from phishcli.serving.log import PredictionLog
from phishcli.serving.plane import DataPlane, Wanted
from tests.serving.served import ROW, make_release


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of v1.0.0, beside which there is v1.0.1."""
    make_release(tmp_path, models=("LightGBM",))
    root = make_release(tmp_path, models=("LogisticRegression",))
    plane = DataPlane(Wanted(root, "v1.0.0"))
    written = PredictionLog(tmp_path / "log", every=3600)
    rows = [{**ROW, "Lines": float(lines), "IsSecure": lines % 8 == 0} for lines in range(0, 400, 4)]
    written.judged("mail", plane.predict(rows, plane.crew))
    written.close()
    return tmp_path / "log"


def test_flips_are_counted_and_the_largest_are_shown(phish: Callable, log: Path) -> None:
    said = phish("replay", log, "--json")
    assert said.code == 0, said.err
    document = said.document
    assert (document["version"], document["rows"], document["unreadable"]) == ("1.0.1", 100, 0)
    assert 0 < document["flipped"] == sum(each["rows"] for each in document["flips"])
    sizes = [abs(each["before"] - each["after"]) for each in document["largest"]]
    assert sizes == sorted(sizes, reverse=True)
    table = phish("replay", log, "--model", "latest")
    assert f"v1.0.1 changes the verdict of {document['flipped']:,} of 100 rows." in table.out
    assert document["largest"][0]["id"] in table.out


def test_the_release_of_the_log_changes_nothing(phish: Callable, log: Path) -> None:
    said = phish("replay", log, "--model", "v1.0.0")
    assert said.out.rstrip().endswith("v1.0.0 changes the verdict of 0 of 100 rows; 100 had been scored by it before.")


def test_another_model_of_a_release_is_another_judge(phish: Callable, log: Path) -> None:
    said = phish("replay", log, "--model", "v1.0.1:LogisticRegression", "--json")
    assert said.code == 0, said.err
    assert said.document["flipped"] == phish("replay", log, "--model", "v1.0.1", "--json").document["flipped"]
    other = phish("replay", log, "--model", "latest:LightGBM")
    assert other.code == 7
    assert "The release holds no model 'LightGBM'" in other.err


def test_a_place_without_a_log_is_an_error(phish: Callable, log: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = phish("replay", tmp_path / "empty")
    assert said.code == 7
    assert "There is no prediction log" in said.err
