"""The memory of a machine and of a container."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from phishcli import machine


def test_without_a_limit_most_of_the_installed_memory_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CGROUPS", tmp_path)
    assert machine.usable_memory() == pytest.approx(0.8 * psutil.virtual_memory().total, rel=1e-6)
    (tmp_path / "memory.max").write_text("max\n")
    assert machine.usable_memory() == pytest.approx(0.8 * psutil.virtual_memory().total, rel=1e-6)


@pytest.mark.parametrize("name", machine.LIMITS)
def test_a_container_has_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(machine, "CGROUPS", tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("1000000000\n")
    assert machine.usable_memory() == 800_000_000
