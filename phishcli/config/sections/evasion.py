"""``evasion``: what an attacker can change of a row."""

from typing import Literal, Self

from pydantic import Field, model_validator

from phishcli.config.sections.section import Section
from phishcli.config.sections.values import MOST, MOST_WORK, Seed


class Mutable(Section):
    """How an attacker can change one column."""

    direction: Literal["up", "down", "any"] = Field(default="any", title="direction in which its numbers can be moved")
    cost: float = Field(default=1.0, ge=0, le=MOST, allow_inf_nan=False, title="what a change costs")
    per: Literal["step", "unit", "edit"] | None = Field(
        default=None,
        title="the cost is that of a step (a twentieth of the training rows), of a unit of the column, or of any "
        "change; null: step, edit where there are two values or categories",
    )
    min: float | None = Field(default=None, allow_inf_nan=False, title="lowest value; null: as in training")
    max: float | None = Field(default=None, allow_inf_nan=False, title="highest value; null: as in training")
    fill: float | None = Field(
        default=1.0,
        ge=0,
        le=MOST,
        allow_inf_nan=False,
        title=("cost of filling in a missing value, in multiples of cost; null: impossible"),
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min should not be above max")
        return self


class EvasionConfig(Section):
    """What an attacker can change of a row, to measure how far models withstand it."""

    enabled: bool = Field(default=False, title="measure it in run-all, and show it in the report")
    defaults: bool = Field(default=True, title="start with the known columns of pages and addresses")
    mutable: dict[str, Mutable | None] = Field(
        default_factory=dict, title="column -> direction, cost, ...; null: it cannot be changed"
    )
    rows: int = Field(
        default=1000, ge=1, le=MOST_WORK, title=("positive test rows to attack; a random sample if there are more")
    )
    seed: Seed = Field(default=42, title="seed of the draw")
