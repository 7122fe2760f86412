"""The promotion log says what each alias points to, survives a kill at any byte, and shows every change."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import msgspec
import pytest

from phishcli.artifacts.manifest import Damaged
from phishcli.artifacts.promotions import Promotions, history_of, is_expired, proposals
from phishcli.documents.promotion import Promotion


def entry(version: str, alias: str = "champion", action: str = "promote", **more: object) -> Promotion:
    plain = {"number": 0, "time": "", "who": "a", "why": "", "before": None, "model": "M", "sha256": "0"}
    return msgspec.convert({**plain, "action": action, "alias": alias, "version": version, **more}, Promotion)


def add(root: Path, *entries: Promotion) -> list[Promotion]:
    return [Promotions(root).append(lambda _, each=each: each) for each in entries]


def test_aliases_follow_from_the_log_and_a_rollback_goes_one_step_back(tmp_path: Path) -> None:
    log = Promotions(tmp_path)
    assert log.read() == []
    add(tmp_path, entry("1.0.0"), entry("1.1.0"), entry("2.0.0", "challenger"), entry("1.2.0"))
    assert {alias: held.version for alias, held in log.state().items()} == {"champion": "1.2.0", "challenger": "2.0.0"}
    add(tmp_path, entry("1.1.0", action="rollback"))
    assert log.state()["champion"].version == "1.1.0"
    add(tmp_path, entry("1.0.0", action="rollback"))
    assert log.state()["champion"].version == "1.0.0"
    assert [held.version for held in history_of(log.read(), "champion")] == ["1.0.0"]


def test_a_release_promoted_twice_is_gone_back_from_in_one_step(tmp_path: Path) -> None:
    again = entry("1.1.0", expires="2999-01-01")
    add(tmp_path, entry("1.0.0"), entry("1.0.0"), entry("1.1.0"), again)
    held = history_of(Promotions(tmp_path).read(), "champion")
    assert [(each.number, each.version, each.expires) for each in held] == [
        (2, "1.0.0", None),
        (4, "1.1.0", "2999-01-01"),
    ]
    add(tmp_path, entry("1.0.0", action="rollback"))
    assert Promotions(tmp_path).state()["champion"].version == "1.0.0"


def test_a_rollback_of_earlier_versions_that_led_to_the_same_release_still_does(tmp_path: Path) -> None:
    add(tmp_path, entry("1.0.0"), entry("1.1.0"), entry("1.1.0"), entry("1.1.0", action="rollback"))
    assert Promotions(tmp_path).state()["champion"].version == "1.1.0"
    add(tmp_path, entry("1.0.0"), entry("1.0.0", model="N"))
    assert [each.model for each in history_of(Promotions(tmp_path).read(), "champion")][-2:] == ["M", "N"]


def test_what_was_champion_at_a_time(tmp_path: Path) -> None:
    first, second = add(tmp_path, entry("1.0.0"), entry("1.1.0"))
    log = Promotions(tmp_path)
    assert log.state(first.time)["champion"].version == "1.0.0"
    assert log.state(second.time)["champion"].version == "1.1.0"
    assert log.state("2000-01-01T00:00:00+00:00") == {}


def test_a_writer_killed_at_any_byte_leaves_the_entries_before_it(tmp_path: Path) -> None:
    add(tmp_path, entry("1.0.0"))
    path = Promotions(tmp_path).path
    one = path.read_bytes()
    add(tmp_path, entry("1.1.0"))
    two = path.read_bytes()
    for cut in range(len(one), len(two)):
        path.write_bytes(two[:cut])
        assert [each.version for each in Promotions(tmp_path).read()] == ["1.0.0"]
    add(tmp_path, entry("1.2.0"))
    assert [each.version for each in Promotions(tmp_path).read()] == ["1.0.0", "1.2.0"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_changed_removed_or_swapped_line_is_noticed(tmp_path: Path, number: int) -> None:
    add(tmp_path, entry("1.0.0"), entry("1.1.0"), entry("1.2.0"))
    path = Promotions(tmp_path).path
    lines = path.read_bytes().splitlines(keepends=True)
    changed = json.loads(lines[number]) | {"who": "somebody else"}
    forged = [*lines[:number], json.dumps(changed).encode() + b"\n", *lines[number + 1 :]]
    without = [*lines[:number], *lines[number + 1 :]]
    for wrong in (forged, *([without] if number < 2 else [])):
        path.write_bytes(b"".join(wrong))
        with pytest.raises(Damaged, match="line"):
            Promotions(tmp_path).read()
    path.write_bytes(b"".join(lines) + b"[" * 100_000 + b"\n")
    with pytest.raises(Damaged, match="line 4"):
        Promotions(tmp_path).read()


def _many(root: Path) -> None:
    for _ in range(10):
        add(root, entry("1.0.0"))


def test_several_processes_lose_no_entry(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_many, args=(tmp_path,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [each.number for each in Promotions(tmp_path).read()] == list(range(1, 31))


def test_a_proposal_points_nowhere_until_it_is_approved(tmp_path: Path) -> None:
    add(tmp_path, entry("1.0.0", action="propose"))
    log = Promotions(tmp_path)
    assert log.state() == {}
    assert [each.number for each in proposals(log.read())] == [1]
    add(tmp_path, entry("1.0.0", approves=1))
    assert log.state()["champion"].version == "1.0.0"
    assert proposals(log.read()) == []


def test_an_age_limit_passes() -> None:
    assert not is_expired(entry("1.0.0"))
    limited = entry("1.0.0", expires="2026-01-02T00:00:00+00:00")
    assert not is_expired(limited, "2026-01-01T00:00:00+00:00")
    assert is_expired(limited, "2026-01-03T00:00:00+00:00")
