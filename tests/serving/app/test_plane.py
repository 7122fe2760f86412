"""Several releases at work: a shadow, a split, and a new one in the place of another between two requests."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phishcli.errors import ConfigError, PersistError
from phishcli.serving.app.metrics import Metrics
from phishcli.serving.app.reload import Reloader
from phishcli.serving.feedback import FeedbackLog, read_feedback
from phishcli.serving.plane import DataPlane, Split, Wanted
from tests.serving.app.conftest import MakeClient
from tests.serving.served import ROW

ROWS = [{**ROW, "Lines": float(lines), "IsSecure": lines % 3 == 0} for lines in range(200)]


def test_a_shadow_changes_no_answer_and_is_counted(make_client: MakeClient, root: Path, plane: DataPlane) -> None:
    shadowed = DataPlane(Wanted(root, "v1.0.0", shadow="v1.0.1"))
    client = make_client(shadowed)
    answer = client.post("/v1/predict", json={"rows": ROWS})
    assert answer.content == make_client().post("/v1/predict", json={"rows": ROWS}).content
    mine, others = plane.crew.main.predict(ROWS), shadowed.crew.shadow.predict(ROWS)  # type: ignore[union-attr]  # not None
    differing = sum(a.verdict != b.verdict for a, b in zip(mine, others, strict=True))
    text = client.get("/metrics").text
    assert f"phish_shadow_disagreements_total {float(differing)}" in text
    assert 'phish_score_count{tier="shadow"} 200.0' in text
    assert 'alias="v1.0.1"' in text


def test_a_shadow_that_fails_disturbs_nobody(make_client: MakeClient, root: Path) -> None:
    shadowed = DataPlane(Wanted(root, "v1.0.0", shadow="v1.0.1"))
    assert shadowed.crew.shadow

    def broken(_: object) -> None:
        raise RuntimeError

    object.__setattr__(shadowed.crew.shadow.fast, "score", broken)
    assert make_client(shadowed).post("/v1/predict", json=ROW).status_code == 200


def test_a_split_gives_each_value_always_to_the_same_release(make_client: MakeClient, root: Path) -> None:
    split = DataPlane(Wanted(root, "v1.0.0", split=Split("v1.0.1", 0.3, "Lines")))
    client = make_client(split)
    first = client.post("/v1/predict", json={"rows": ROWS}).json()["predictions"]
    taken = [each.get("version") == "1.0.1" for each in first]
    assert 30 < sum(taken) < 90
    again = client.post("/v1/predict", json={"rows": ROWS[::-1]}).json()["predictions"]
    assert [each.get("version") == "1.0.1" for each in again] == taken[::-1]
    for row, by_other, whole in zip(ROWS[:20], taken, first, strict=False):
        alone = client.post("/v1/predict", json=row).json()
        assert (alone["version"] == "1.0.1") == by_other
        assert alone["probability"] == pytest.approx(whole["probability"], abs=1e-9)
        assert alone["model"] == ("LogisticRegression" if by_other else "LightGBM")
    text = client.get("/metrics").text
    assert 'phish_verdicts_total{tier="challenger",verdict=' in text


@given(value=st.none() | st.text() | st.floats() | st.booleans(), share=st.floats(0, 1))
def test_a_larger_share_keeps_those_of_a_smaller_one(value: object, share: float) -> None:
    row = {"key": value}
    assert not Split("x", 0.0, "key").takes(row)
    assert Split("x", 1.0, "key").takes(row)
    if Split("x", share / 2, "key").takes(row):
        assert Split("x", share, "key").takes(row)


def test_a_split_by_no_column_is_an_error(root: Path) -> None:
    with pytest.raises(ConfigError, match="no column 'Nothing'"):
        DataPlane(Wanted(root, "v1.0.0", split=Split("v1.0.1", 0.3, "Nothing")))


@pytest.fixture
def moving(root: Path, tmp_path: Path) -> Path:
    """Releases of which the latest one is v1.0.0 until v1.0.1 appears."""
    (tmp_path / "releases").mkdir()
    shutil.copytree(root / "v1.0.0", tmp_path / "releases" / "v1.0.0")
    return tmp_path / "releases"


def appear(root: Path, releases: Path) -> None:
    shutil.copytree(root / "v1.0.1", releases / ".new")
    (releases / ".new").rename(releases / "v1.0.1")


def test_an_alias_that_moves_is_followed_and_no_request_is_lost(
    make_client: MakeClient, root: Path, moving: Path
) -> None:
    plane = DataPlane(Wanted(moving, "latest"))
    metrics, codes, versions = Metrics(), [], []

    async def main() -> float:
        async with Reloader(plane, watch=True).running(metrics):
            await asyncio.to_thread(appear, root, moving)
            began = time.monotonic()
            while plane.crew.main.version != "1.0.1" and time.monotonic() - began < 20:  # noqa: ASYNC110 (a file is watched)
                await asyncio.sleep(0.01)
            return time.monotonic() - began

    client, ending = make_client(plane), threading.Event()

    def ask() -> None:
        while not ending.is_set():
            answer = client.post("/v1/predict", json=ROW)
            codes.append(answer.status_code)
            versions.append(answer.json()["version"])

    asking = threading.Thread(target=ask)
    asking.start()
    took = asyncio.run(main())
    time.sleep(0.2)
    ending.set()
    asking.join()
    assert took < 15  # less than a second on a quiet machine
    assert set(codes) == {200}
    assert versions == sorted(versions)
    assert set(versions) == {"1.0.0", "1.0.1"}


def test_a_release_that_cannot_be_opened_leaves_the_other_at_work(root: Path, moving: Path) -> None:
    plane = DataPlane(Wanted(moving, "latest"))
    before = plane.crew
    appear(root, moving)
    next((moving / "v1.0.1").glob("*_model.*")).write_bytes(b"broken")
    assert plane.stale()
    with pytest.raises(PersistError):
        plane.reload()
    assert plane.crew is before
    assert plane.predict([ROW], plane.crew).predictions


def test_a_reload_without_a_change_changes_nothing(plane: DataPlane) -> None:
    before = plane.crew.main
    assert not plane.stale()
    assert not plane.reload()
    assert plane.crew.main is before


def test_feedback_is_written_down_with_its_origin(make_client: MakeClient, tmp_path: Path) -> None:
    client = make_client(feedback=FeedbackLog(tmp_path))
    given = {"id": "4f2a/7", "label": "phishing", "origin": "analyst"}
    answer = client.post("/v1/feedback", json=given)
    assert (answer.status_code, answer.json()) == (202, {"accepted": True})
    (line,) = read_feedback(tmp_path)
    assert (line.id, line.label, line.origin) == ("4f2a/7", "phishing", "analyst")
    text = client.get("/metrics").text
    assert "phish_labels_total 1.0" in text
    assert "phish_last_label_timestamp_seconds 0" not in text


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"id": "a", "label": "secret", "origin": "x"}, 422),
        ({"id": "a", "label": 1, "origin": "x"}, 422),
        ({"id": "a", "label": "phishing"}, 422),
        ({"id": "", "label": "phishing", "origin": "x"}, 422),
        ({"id": "a\n{}", "label": "phishing", "origin": "x"}, 422),
        ({"id": "a" * 101, "label": "phishing", "origin": "x"}, 422),
        ({"id": "a", "label": "phishing", "origin": "x", "more": "secret"}, 422),
        ([], 422),
    ],
)
def test_feedback_that_cannot_be_used_is_refused(
    make_client: MakeClient, tmp_path: Path, given: object, status: int
) -> None:
    answer = make_client(feedback=FeedbackLog(tmp_path)).post("/v1/feedback", json=given)
    assert answer.status_code == status
    assert "secret" not in answer.text
    assert list(read_feedback(tmp_path)) == []


def test_without_a_log_there_is_no_feedback(make_client: MakeClient) -> None:
    given = {"id": "a", "label": "phishing", "origin": "x"}
    assert make_client().post("/v1/feedback", json=given).status_code == 404


def test_a_label_that_cannot_be_written_is_not_accepted(make_client: MakeClient, tmp_path: Path) -> None:
    (tmp_path / "feedback").touch()
    given = {"id": "a", "label": "phishing", "origin": "x"}
    assert make_client(feedback=FeedbackLog(tmp_path)).post("/v1/feedback", json=given).status_code == 503


def test_a_deadline_for_a_label_that_has_passed_is_said(make_client: MakeClient, tmp_path: Path) -> None:
    given = {"id": "a", "label": "phishing", "origin": "x"}
    client = make_client(feedback=FeedbackLog(tmp_path))
    assert client.post("/v1/feedback", json=given, headers={"X-Deadline-Ms": "0.0001"}).status_code in (202, 503)
