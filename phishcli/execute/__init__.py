"""How each step calls its stage: artifacts in, files out. The one place where paths end and values begin."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from phishcli.artifacts import Output
from phishcli.execute import data, handing, scoring, training
from phishcli.execute.bench import Bench, Inputs

if TYPE_CHECKING:
    from phishcli.errors import PhishError
    from phishcli.plan import Decision

__all__ = ["STAGES", "Bench", "Executor"]

STAGES: Mapping[tuple[str, bool], Callable[[Bench, Decision, Inputs], Output]] = {
    ("load", False): data.run_load,
    ("preprocess", False): data.run_preprocess,
    ("audit", False): data.run_audit,
    ("gap", False): data.run_gap,
    ("evaluate", True): scoring.run_evaluate_model,
    ("evaluate", False): scoring.run_evaluate,
    ("explain", True): scoring.run_explain_model,
    ("report", False): handing.run_report,
    ("persist", False): handing.run_persist,
}
"""What runs the steps of a stage, of those about one model and of the others; ``train`` runs all its steps at once."""


class Executor:
    """Runs stale steps of one configuration."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def __call__(self, decision: Decision, inputs: Inputs) -> Output:
        """Run the stage of a stale step on the artifacts it reads."""
        step = decision.step
        return STAGES[step.stage, bool(step.model)](self.bench, decision, inputs)

    def together(self, decisions: Sequence[Decision], inputs: Inputs) -> Iterator[tuple[Decision, Output | PhishError]]:
        """Train the models of stale steps side by side."""
        return training.run_train(self.bench, decisions, inputs)
