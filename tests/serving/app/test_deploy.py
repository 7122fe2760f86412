"""What lies under docs/deploy fits the program: options that exist, weights that never reject alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

DEPLOY = Path(__file__).parents[3] / "docs" / "deploy"
REJECTS = 15
"""The score at which rspamd rejects a message."""


def test_the_unit_starts_the_service_with_options_that_it_has(phish: Callable) -> None:
    unit = (DEPLOY / "phish.service").read_text(encoding="utf-8")
    started = unit.partition("ExecStart=")[2].partition("\nExecReload")[0]
    known = set(re.findall(r"--[a-z][a-z-]+", phish("serve", "--help").out))
    assert set(re.findall(r"--[a-z][a-z-]+", started)) <= known
    assert "--host 127.0.0.1" in started
    assert "-HUP $MAINPID" in unit


def test_no_symbol_and_not_all_together_reach_what_rejects() -> None:
    script = (DEPLOY / "rspamd.lua").read_text(encoding="utf-8")
    weights = dict(re.findall(r'name = "(PHISH_ML_\w+)", score = ([\d.]+)', script))
    assert {name: float(weight) for name, weight in weights.items()} == {
        "PHISH_ML_HIGH": 6.0,
        "PHISH_ML_MED": 3.0,
        "PHISH_ML_UNKNOWN": 0.0,
    }
    capped = re.search(r"max_score = ([\d.]+)", (DEPLOY / "rspamd-groups.conf").read_text(encoding="utf-8"))
    assert capped
    assert float(capped[1]) < REJECTS / 2
