"""``train``: the models, the search for their parameters, and the ensemble."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from phishcli.config import spellings
from phishcli.config.sections.section import Section
from phishcli.config.sections.values import MOST_WORK, Candidates, Duration, Metric, Names, PerModel, Probability, Seed

DEFAULT_MODELS = ("LogisticRegression", "RandomForest", "HistGradientBoosting", "XGBoost", "LightGBM")
EnsembleMethod = Literal["greedy", "stacking"]
Latency = Annotated[float, BeforeValidator(spellings.latency), Field(gt=0, le=1e3, allow_inf_nan=False)]
"""Seconds."""


class TuneConfig(Section):
    """The hyperparameter search."""

    enabled: bool = Field(default=False, title="search hyperparameters before training")
    method: Literal["race", "random", "grid", "optuna", "list"] = Field(
        default="race", title="how candidates are chosen and judged"
    )
    portfolio: bool = Field(
        default=True, title="start race and optuna with the defaults and with sets that work well on many tables"
    )
    candidates: Candidates = Field(
        default_factory=dict, title="per model: parameter sets to start with (method list: all sets to try)"
    )
    n_iter: int = Field(default=50, ge=1, le=MOST_WORK, title="candidates per model; a grid is always tried completely")
    time_budget: Duration | None = Field(
        default=None, title="time after which the search stops and keeps the best so far: 90s, 2m, 1h30m, or seconds"
    )
    scoring: Metric = Field(default="accuracy", title="the metric to optimize over the folds")
    seed: Seed = Field(default=42, title="seed of the candidates")
    spaces: PerModel = Field(default_factory=dict, title="per model: parameter -> list of values or {low, high, log}")


class EarlyStoppingConfig(Section):
    """When the boosters stop before their last round."""

    patience: int | None = Field(
        default=None, ge=1, le=MOST_WORK, title="rounds without improvement after which a booster stops; null: never"
    )
    share: Probability = Field(default=0.1, title="share of the training rows of a fit held out to decide when")


class EnsembleConfig(Section):
    """How the model ``Ensemble`` is put together from the others."""

    method: EnsembleMethod = Field(
        default="greedy",
        title="greedy (a mean, members chosen one by one), stacking (logistic regression on their log odds)",
    )
    trials: bool = Field(
        default=True, title="choose among all complete trials of the searches, not among the final models alone"
    )
    max_latency: Latency | None = Field(
        default=None, title="maximum time of all members together for one row, such as 100us; null: no limit"
    )


class TrainConfig(Section):
    """Which models are trained, and how."""

    budget: Duration | None = Field(
        default=None,
        title=("time for the whole run, divided among models by what they promise: 90s, 2m, 1h; null: no limit"),
    )
    models: Names = Field(default=DEFAULT_MODELS, min_length=1, title="the models, in the order shown")
    params: PerModel = Field(default_factory=dict, title="per model: parameters other than the defaults")
    seed: Seed = Field(default=42, title="seed of every model")
    refits: int = Field(
        default=1,
        ge=1,
        le=100,
        title=("number of final fits of each model, with different seeds; the model is their mean"),
    )
    bagging: bool = Field(default=False, title="draw the rows of each refit with replacement")
    early_stopping: EarlyStoppingConfig = Field(
        default_factory=EarlyStoppingConfig, title="early stopping of GradientBoosting, LightGBM, XGBoost and the like"
    )
    tune: TuneConfig = Field(default_factory=TuneConfig, title="the search")
    distributed: Literal["auto", "never", "always"] = Field(
        default="auto",
        title=(
            "spread rows over the workers of a Dask cluster (XGBoost, LightGBM); auto: if no single worker can "
            "hold them"
        ),
    )
    monotone: Literal["none", "auto"] | dict[str, Literal[1, -1]] = Field(
        default="none",
        title="columns in which the probability may only rise (1) or fall (-1); auto: whatever an attacker can change, "
        "see evasion.mutable",
    )
    ensemble: EnsembleConfig = Field(default_factory=EnsembleConfig, title="the model Ensemble")
