"""Every stage of the graph has something that runs its steps."""

from __future__ import annotations

from phishcli.config import Config
from phishcli.execute import STAGES
from phishcli.graph import steps
from phishcli.pipeline import TOGETHER


def test_every_step_has_a_function_that_runs_it_but_those_that_run_together() -> None:
    kinds = {(step.stage, bool(step.model)) for step in steps(Config())}
    assert kinds == STAGES.keys() | {(TOGETHER, True)}


def test_no_two_kinds_of_steps_are_run_by_the_same_function() -> None:
    assert len(set(STAGES.values())) == len(STAGES)
