"""What a model must reach to pass a gate: ``accuracy>=0.82``, ``tpr@fpr=0.01>=0.3:lower``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from phishcli.config import spellings
from phishcli.documents.metrics import Score
from phishcli.errors import ConfigError, suggestion
from phishcli.evaluation.metrics import BY_NAME

PATTERN = re.compile(
    r"^\s*(?P<metric>.+?)\s*(?P<compare>>=|<=|>|<|≥|≤)\s*(?P<limit>[-+]?[\d.]+(?:[eE][-+]?\d+)?\s*%?)\s*"
    r"(?::\s*(?P<bound>lower|upper))?\s*$"
)
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "≥": operator.ge,
    "≤": operator.le,
}
Bound = Literal["value", "lower", "upper"]
MEASURED: Mapping[Bound, str] = {"value": "it is", "lower": "its lower bound is", "upper": "its upper bound is"}
WIDTHLESS = "its interval has no width, which proves nothing"


@dataclass(frozen=True)
class RequirementResult:
    """Whether a requirement is met, and by which number; without a number it is not met."""

    requirement: str
    metric: str
    measured: float | None
    met: bool
    detail: str


@dataclass(frozen=True)
class Requirement:
    """A metric, a limit, and whether its value or a bound of its interval is compared with the limit."""

    text: str
    metric: str
    compare: str
    limit: float
    bound: Bound

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
            raise ConfigError(f"{text!r} is not a requirement", where="--require", hint=example)
        metric = spellings.metric(found["metric"])
        if metric not in BY_NAME:
            hint = suggestion(found["metric"], BY_NAME, "metrics")
            raise ConfigError(f"There is no metric {found['metric']!r}", where=f"--require {text}", hint=hint)
        try:
            limit = float(spellings.share(found["limit"]))
        except ValueError as error:
            raise ConfigError(f"{found['limit']!r} is not a number", where=f"--require {text}", hint=example) from error
        return cls(text.strip(), metric, found["compare"], limit, found["bound"] or "value")  # type: ignore[arg-type]  # the pattern allows no other word

    def check(self, scores: Mapping[str, Score]) -> RequirementResult:
        """Compare the scores of a model, by metric, with the limit."""
        score = scores[self.metric]
        measured = {"value": score.value, "lower": score.low, "upper": score.high}[self.bound]
        if measured is None:
            missing = "it is not resolvable on so few rows" if score.value is None else "it has no interval"
            return RequirementResult(self.text, self.metric, None, met=False, detail=missing)
        if self.bound != "value" and score.low == score.high:
            return RequirementResult(self.text, self.metric, None, met=False, detail=WIDTHLESS)
        met = COMPARE[self.compare](measured, self.limit)
        return RequirementResult(
            self.text, self.metric, measured, met=met, detail=f"{MEASURED[self.bound]} {measured:.4f}"
        )
