"""``verdicts``: from which probability rows are blocked or reviewed."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from phishcli.config import spellings
from phishcli.config.sections.rules import CostRatio, MaxFpr, MinRecall
from phishcli.config.sections.section import Section
from phishcli.config.sections.values import Amount, Probability


class VerdictsConfig(Section):
    """From which probability rows are blocked or reviewed; chosen on out-of-fold scores when a release is written."""

    block: Annotated[
        Probability | Literal["auto", "never", "threshold", "max_f1", "youden"] | MaxFpr | CostRatio,
        BeforeValidator(spellings.rule),
    ] = Field(
        default="auto",
        title="threshold from which rows are blocked, as in evaluate.threshold; threshold: that of the label; never; "
        "auto: {max_fpr: 0.01} if there are enough rows to certify it, else never",
    )
    review: Annotated[
        Probability | Literal["never", "threshold", "max_f1", "youden"] | MinRecall | MaxFpr | CostRatio,
        BeforeValidator(spellings.rule),
    ] = Field(default="threshold", title="threshold from which other rows are reviewed; also {min_recall: 0.95}")
    review_capacity: Annotated[Amount, BeforeValidator(spellings.daily)] | None = Field(
        default=None, title="reviews per day that analysts have time for, such as 200/day; replaces review"
    )
    max_strange: Annotated[float, BeforeValidator(spellings.share), Field(ge=0, le=1)] = Field(
        default=0.2, title="share of columns unlike training beyond which a row is unknown; 1: never"
    )
