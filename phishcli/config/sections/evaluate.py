"""``evaluate``: how models are scored and one of them is selected."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from phishcli.config import spellings
from phishcli.config.sections.rules import CostRatio, MaxFpr
from phishcli.config.sections.section import Section
from phishcli.config.sections.values import MOST_WORK, Metric, Names, Probability, Seed


class EvaluateConfig(Section):
    """How models are scored and one of them is selected."""

    threshold: Annotated[
        Probability | Literal["max_f1", "youden"] | MaxFpr | CostRatio, BeforeValidator(spellings.rule)
    ] = Field(
        default=0.5,
        title="number between 0 and 1 from which a row counts as positive, or max_f1, youden, {max_fpr: 0.01}, "
        "{cost_ratio: 10}",
    )
    calibrate: Literal["none", "isotonic", "sigmoid"] = Field(
        default="none", title="map scores to probabilities, learned on out-of-fold scores"
    )
    select_on: Literal["cv", "test"] = Field(default="cv", title="scores that select the model")
    select_by: Metric = Field(default="accuracy", title="the metric that selects; ties by F1 and others")
    prefer: Literal["best", "simple", "fast"] = Field(
        default="best", title="which of the models that are statistically indistinguishable from the best one"
    )
    by: tuple[str, ...] = Field(default=(), title="columns of the table to report scores by")
    tiers: dict[str, Names] = Field(
        default_factory=dict, title="name -> columns known from then on, in the order in which they become known"
    )
    campaigns: bool = Field(default=False, title="group rows that are nearly alike, and report the recall by group")
    explain: bool = Field(default=True, title="show which features each model relies on")
    n_boot: int = Field(default=1000, ge=0, le=MOST_WORK, title="bootstrap resamples for the intervals; 0 for none")
    confidence: Probability = Field(default=0.95, title="level of the intervals")
    seed: Seed = Field(default=42, title="seed of the bootstrap")

    def __hash__(self) -> int:
        """As frozen sections have it; a mapping has none of its own."""
        return hash(tuple(map(repr, self.__dict__.items())))
