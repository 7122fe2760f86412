"""What a model must reach before it may go on: ``accuracy>=0.82``, ``tpr@fpr=0.01>=0.3:lower``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from phishcli.errors import ConfigError
from phishcli.evaluation.metrics import METRICS

PATTERN = re.compile(
    r"^\s*(?P<metric>\S+?)\s*(?P<compare>>=|<=|>|<)\s*(?P<limit>[-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*"
    r"(?::\s*(?P<bound>lower|upper))?\s*$"
)
COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
WIDTHLESS = "its interval has no width, which proves nothing"
KEYS = {"value": "value", "lower": "low", "upper": "high"}


@dataclass(frozen=True)
class Verdict:
    """Whether a requirement is met, and by which number; None where there is no number, which meets nothing."""

    requirement: str
    metric: str
    measured: float | None
    met: bool
    detail: str


@dataclass(frozen=True)
class Requirement:
    """A metric, a limit, and whether its value or a bound of its interval must keep it."""

    text: str
    metric: str
    compare: str
    limit: float
    bound: Literal["value", "lower", "upper"]

    @classmethod
    def parse(cls, text: str) -> Requirement:
        """Read a requirement.

        Raises
        ------
        ConfigError
            When it is not of the form METRIC>=NUMBER[:lower|:upper], or there is no such metric.
        """
        found = PATTERN.match(text)
        example = "For example: --require 'accuracy>=0.82' --require 'tpr@fpr=0.01>=0.3:lower'"
        if not found:
            raise ConfigError(f"{text!r} is no requirement", where="--require", hint=example)
        metric = found["metric"].casefold()
        names = [each.name for each in METRICS]
        if metric not in names:
            hint = f"The metrics are {', '.join(names)}"
            raise ConfigError(f"There is no metric {found['metric']!r}", where=f"--require {text}", hint=hint)
        try:
            limit = float(found["limit"])
        except ValueError as error:
            raise ConfigError(f"{found['limit']!r} is no number", where=f"--require {text}", hint=example) from error
        return cls(text.strip(), metric, found["compare"], limit, found["bound"] or "value")  # type: ignore[arg-type]  # the pattern allows no other word

    def judge(self, scores: Mapping[str, Mapping[str, Any]]) -> Verdict:
        """Compare a model with the limit.

        Parameters
        ----------
        scores
            ``metrics`` of ``metrics.json``: metric -> ``value``, ``low``, ``high``.
        """
        score = scores[self.metric]
        measured = score[KEYS[self.bound]]
        which = {"value": "it is", "lower": "its lower bound is", "upper": "its upper bound is"}[self.bound]
        if measured is None:
            lacking = "it is not resolvable on so few rows" if score["value"] is None else "it has no interval"
            return Verdict(self.text, self.metric, None, met=False, detail=lacking)
        if self.bound != "value" and score["low"] == score["high"]:
            return Verdict(self.text, self.metric, None, met=False, detail=WIDTHLESS)
        met = COMPARE[self.compare](measured, self.limit)
        return Verdict(self.text, self.metric, measured, met=met, detail=f"{which} {measured:.4f}")
