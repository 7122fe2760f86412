"""``operation``: where the model is to work."""

from pydantic import Field

from phishcli.config.sections.section import Section
from phishcli.config.sections.values import MOST, Amount, Probability


class OperationConfig(Section):
    """Where the model is to work; it changes how results are presented, not how the model is scored."""

    base_rate: Probability = Field(default=0.001, title="share of incoming items that are positive")
    volume: Amount = Field(default=200_000.0, title="number of incoming items per day")
    analyst_minutes: float = Field(default=5.0, ge=0, le=MOST, allow_inf_nan=False, title="analyst minutes per alert")
    hour_cost: float = Field(default=1.0, ge=0, le=MOST, allow_inf_nan=False, title="cost of an analyst hour")
    miss_cost: float | None = Field(
        default=None,
        ge=0,
        le=MOST,
        allow_inf_nan=False,
        title="cost of a missed positive, in the same unit; null: unknown",
    )
