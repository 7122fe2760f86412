"""Rules that choose a threshold: by a certified rate, or by cost."""

from pydantic import Field

from phishcli.config.sections.section import Section
from phishcli.config.sections.values import MOST, Probability


class MaxFpr(Section):
    """The smallest threshold whose false-positive rate is certified to stay within a budget."""

    max_fpr: Probability = Field(title="the budget: share of negative rows that may raise an alarm")
    confidence: Probability = Field(default=0.95, title="confidence of the certificate")


class MinRecall(Section):
    """The highest threshold whose recall is certified."""

    min_recall: Probability = Field(title="share of positive rows that must be found")
    confidence: Probability = Field(default=0.95, title="confidence of the certificate")


class CostRatio(Section):
    """The threshold with the lowest expected cost."""

    cost_ratio: float = Field(gt=0, le=MOST, allow_inf_nan=False, title="cost of a miss, in false alarms")
    base_rate: Probability | None = Field(
        default=None, title=("share of positive rows in production; null: as in the table")
    )
