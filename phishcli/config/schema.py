"""The configuration: one frozen, closed section per stage, and ``run`` for what never changes a result."""

from __future__ import annotations

import codecs
import math
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from phishcli.address import shown
from phishcli.config import spellings
from phishcli.config.paths import USUAL, expanded
from phishcli.documents.features import Balance, Encode, Impute, NumericScale, SelectBy


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("should hold every name once")
    return names


def _cores(jobs: int) -> int:
    if not 1 <= jobs <= MOST_JOBS and jobs != -1:
        raise ValueError(f"should be between 1 and {MOST_JOBS:,}, or -1 for all cores")
    return jobs


def _enough(memory: int) -> int:
    if memory < LEAST_MEMORY:
        raise ValueError("should be at least 500MB, half of which the libraries take")
    return memory


def _plain(value: Any) -> Any:
    """Copy a value that YAML can express; tuples and subclasses of its types (NumPy's) become plain."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float) and math.isnan(value):
        raise ValueError("should be a number")  # nan differs from itself, so nothing made with it is ever found again
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    if value is None:
        return None
    raise ValueError("should be made of text, numbers, true, false, null, lists and mappings")


MOST = 1e15
"""The largest amount: products of several stay far from where a float overflows, and whole numbers are exact."""
LEAST_MEMORY = 500_000_000
"""Bytes; the libraries alone take half of this."""
MOST_WORK = 1_000_000
"""The most candidates, resamples and the like: more would not end."""
MOST_JOBS = 1024
"""Each may start a thread and a process."""
Label = bool | int | float | str
Duration = Annotated[float, BeforeValidator(spellings.seconds), Field(gt=0, le=1e9, allow_inf_nan=False)]
"""Seconds."""
Size = Annotated[int, BeforeValidator(spellings.size), AfterValidator(_enough), Field(le=int(MOST))]
"""Bytes of memory."""
Latency = Annotated[float, BeforeValidator(spellings.latency), Field(gt=0, le=1e3, allow_inf_nan=False)]
"""Seconds."""
EnsembleMethod = Literal["greedy", "stacking"]
Probability = Annotated[float, BeforeValidator(spellings.share), Field(gt=0, lt=1)]
Amount = Annotated[float, BeforeValidator(spellings.number), Field(gt=0, le=MOST, allow_inf_nan=False)]
RoleName = Literal[
    "numeric",
    "categorical",
    "high_cardinality",
    "date",
    "date-day-first",
    "date-month-first",
    "domain",
    "email",
    "ip",
    "text",
    "url",
]
"""The roles that a column can be given; ``features.kinds`` declares most of them (a test compares the two)."""
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""What every library accepts as a seed; LightGBM stores it as a signed 32-bit integer."""
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-fA-F]{64}$", to_lower=True)]
Names = Annotated[tuple[str, ...], AfterValidator(_distinct)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Jobs = Annotated[int, AfterValidator(_cores)]
Folder = Annotated[str, AfterValidator(expanded)]
PerModel = dict[str, dict[str, Annotated[Any, AfterValidator(_plain)]]]
Candidates = dict[str, tuple[dict[str, Annotated[Any, AfterValidator(_plain)]], ...]]
MetricName = Literal[
    "accuracy",
    "precision",
    "recall",
    "f1",
    "specificity",
    "fpr",
    "fnr",
    "balanced_accuracy",
    "mcc",
    "roc_auc",
    "pr_auc",
    "log_loss",
    "brier",
    "ece",
    "tpr@fpr=0.1",
    "tpr@fpr=0.01",
    "tpr@fpr=0.001",
]
"""The metrics in display order; ``evaluation.metrics`` declares one each (a test compares the two)."""

Metric = Annotated[MetricName, BeforeValidator(spellings.metric)]
"""A metric by its name or its label."""

DEFAULT_MODELS = ("LogisticRegression", "RandomForest", "HistGradientBoosting", "XGBoost", "LightGBM")


class Section(BaseModel):
    """A part of the configuration: frozen, and closed to keys it does not know.

    The validators are built when the first configuration is read, once for the whole tree: a third of the cost.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def only(self, *names: str) -> Self:
        """Copy the section with these fields alone; reading any other raises `AttributeError`."""
        return self.without(*(type(self).model_fields.keys() - set(names)))

    def without(self, *names: str) -> Self:
        """Copy the section without these fields; reading one of them raises `AttributeError`."""
        cut = self.model_copy()
        for name in names:
            del cut.__dict__[name]
        return cut


class CleanConfig(Section):
    """Optional cleaning of the raw table, all off by default."""

    strip_categories: bool = Field(default=False, title="strip blanks around category names")
    negative_counts: bool = Field(default=False, title="treat negative values in count columns as missing")
    drop_duplicates: bool = Field(
        default=False, title="drop rows that duplicate an earlier row, row numbers aside, before the split"
    )


def _texts(value: Any) -> Any:
    """Take one text for a list of it, and numbers for their texts: ``missing: -999``."""
    values = [value] if isinstance(value, str | int | float) else value
    return [str(each) if isinstance(each, int | float) else each for each in values or ()]


def _known_encoding(name: str | None) -> str | None:
    if name is not None:
        try:
            codecs.lookup(name)
        except LookupError:
            raise ValueError("should be an encoding that Python knows, such as utf-8, cp1252 or utf-16") from None
    return name


class CsvConfig(Section):
    """How a text file is written; what is null is detected and reported."""

    delimiter: str | None = Field(
        default=None, min_length=1, title="what separates values: a character, or 'blanks' for any run of them"
    )
    header: bool | None = Field(default=None, title="whether the first line holds the column names")
    names: Names = Field(default=(), title="column names, in place of those in the file")
    decimal: Literal[".", ","] | None = Field(default=None, title="the decimal mark of numbers")
    thousands: Literal["", ",", ".", "'", " "] | None = Field(default=None, title="what groups digits; '': nothing")
    missing: Annotated[tuple[str, ...], BeforeValidator(_texts)] = Field(
        default=(), title="further texts that stand for a missing value"
    )
    comment: str | None = Field(default=None, min_length=1, title="what begins a line that is not a row")
    skip_rows: int | None = Field(default=None, ge=0, title="lines above the table")
    encoding: Annotated[str | None, AfterValidator(_known_encoding)] = Field(
        default=None, title="the encoding of the text: utf-8, cp1252, utf-16, ..."
    )


class LimitsConfig(Section):
    """What a source may ask for at most; no result depends on it."""

    decompressed: int = Field(default=32 * 2**30, ge=1, title="bytes of a compressed file when unpacked")
    ratio: float = Field(default=250, ge=1, title="bytes unpacked per byte of a compressed file")
    columns: int = Field(default=100_000, ge=1, title="columns of a table")
    field: int = Field(default=2 * 2**20, ge=1, title="characters of one value in a text file")
    rows: int = Field(default=100_000_000, ge=1, title="rows of a view in a database")


class LoadConfig(Section):
    """Where the table comes from and what its columns mean."""

    source: str = Field(
        default="sample",
        min_length=1,
        title="a path, a URL, '-' (standard input), or 'sample' for the built-in data",
    )
    sha256: Sha256 | None = Field(default=None, title="the expected SHA-256 of the source")
    table: str | None = Field(default=None, title="the table to read, where a database holds several")
    query: str | None = Field(default=None, title="the SELECT to read, of a database")
    version_query: str | None = Field(
        default=None, title="a SELECT whose only value changes with the data; saves reading all of it in each run"
    )
    target: str | None = Field(default=None, title="the column that holds the label")
    positive_label: Label | tuple[Label, ...] | None = Field(
        default=None, title="the label of the positive class (phishing), or a list of labels", union_mode="smart"
    )
    negative_label: Label | tuple[Label, ...] | None = Field(
        default=None,
        title="the label or labels of the other class, if there are more than two; rest: all others",
        union_mode="smart",
    )
    unlabelled: Literal["error", "drop"] = Field(default="error", title="what to do with rows without a label")
    drop: tuple[str, ...] = Field(default=(), title="columns to leave out")
    keep: tuple[str, ...] = Field(default=(), title="columns to use that would otherwise be set aside")
    indicators: Literal["auto", "none"] | tuple[str, ...] = Field(
        default="auto", title="columns that get a <column>_Missing indicator; auto: numeric ones with missing values"
    )
    max_categories: Annotated[int, Field(ge=2, le=MOST_WORK)] | Literal["auto"] = Field(
        default="auto",
        title="maximum number of distinct values of a category; auto: one for 10 rows, at least 50, at most 250",
    )
    roles: dict[str, RoleName] = Field(
        default_factory=dict, title="column -> its role, where the values do not show it: text, url, date, ..."
    )
    clean: CleanConfig = Field(default_factory=CleanConfig, title="optional cleaning")
    csv: CsvConfig = Field(default_factory=CsvConfig, title="how a text file is written")
    limits: LimitsConfig = Field(default_factory=LimitsConfig, title="what a source may ask for at most")


class SplitConfig(Section):
    """How rows are split into training and test data."""

    test_size: Probability = Field(default=0.2, title="share of the rows held out for the test")
    seed: Seed = Field(default=42, title="seed of the split and of the folds")
    group: str | None = Field(default=None, title="column whose values must not be in both parts")
    time: str | None = Field(default=None, title="column that orders rows in time; the latest are the test")


Clip = Annotated[float, BeforeValidator(spellings.share), Field(gt=0, lt=0.5)]


def _count_or_share(value: float) -> float:
    if value >= 1 and value != int(value):
        raise ValueError("should be a share below 1, or a whole number")
    return value


CountOrShare = Annotated[
    float, BeforeValidator(spellings.share), Field(gt=0, le=MOST_WORK), AfterValidator(_count_or_share)
]
"""A share of all of them below 1, a number of them from 1 on."""
MOST_PAIRS = 100
"""Products and ratios of numbers."""


class NumericConfig(Section):
    """How numbers become features."""

    impute: Impute = Field(
        default="median",
        title="what a missing number becomes: median, mean, zero, or none (others than models that take it get the "
        "median)",
    )
    clip: Clip | None = Field(
        default=None, title="share of the values at either end that are limited, such as 0.01; null: none"
    )
    log: bool = Field(default=False, title="take the logarithm (inverse hyperbolic sine) of numbers")
    scale: NumericScale = Field(
        default="robust",
        title="robust (quartile distance; standard deviation where it is zero or tiny), standard, minmax, quantile, "
        "none, or published (RobustScaler alone)",
    )


class CategoricalConfig(Section):
    """How categories become features."""

    encode: Encode = Field(
        default="onehot",
        title="onehot, ordinal (place in the alphabet), target (share of positive rows), count (rows, logarithm), or "
        "native (others than models that take categories get onehot)",
    )
    rare: CountOrShare | None = Field(
        default=None,
        title="rows (from 1 on) or share of them below which categories are merged into one; for onehot, ordinal, "
        "native",
    )


class SelectConfig(Section):
    """Which features are kept."""

    by: SelectBy = Field(
        default="none", title="none, variance, information (mutual information with the class), or model (a forest)"
    )
    keep: CountOrShare = Field(default=0.5, title="share of the features that are kept, or their number from 1 on")


class ModelNumericConfig(Section):
    """As preprocess.numeric, for one model."""

    impute: Impute | None = Field(default=None, title="as preprocess.numeric.impute")
    clip: Clip | Literal["none"] | None = Field(default=None, title="as preprocess.numeric.clip; none: no limits")
    log: bool | None = Field(default=None, title="as preprocess.numeric.log")
    scale: NumericScale | None = Field(default=None, title="as preprocess.numeric.scale")


class ModelCategoricalConfig(Section):
    """As preprocess.categorical, for one model."""

    encode: Encode | None = Field(default=None, title="as preprocess.categorical.encode")
    rare: CountOrShare | Literal["none"] | None = Field(
        default=None, title="as preprocess.categorical.rare; none: all categories"
    )


class ModelSelectConfig(Section):
    """As preprocess.select, for one model."""

    by: SelectBy | None = Field(default=None, title="as preprocess.select.by")
    keep: CountOrShare | None = Field(default=None, title="as preprocess.select.keep")


class ModelPreprocessConfig(Section):
    """What one model gets in place of the settings for all; null: the same."""

    numeric: ModelNumericConfig = Field(default_factory=ModelNumericConfig, title="numbers")
    categorical: ModelCategoricalConfig = Field(default_factory=ModelCategoricalConfig, title="categories")
    interactions: Annotated[int, Field(ge=0, le=MOST_PAIRS)] | None = Field(
        default=None, title="as preprocess.interactions"
    )
    select: ModelSelectConfig = Field(default_factory=ModelSelectConfig, title="features that are kept")
    balance: Balance | None = Field(default=None, title="as preprocess.balance")


class PreprocessConfig(Section):
    """Split, folds and transformation."""

    split: SplitConfig = Field(default_factory=SplitConfig, title="training and test part")
    folds: int = Field(default=5, ge=2, le=50, title="number of cross-validation folds")
    numeric: NumericConfig = Field(default_factory=NumericConfig, title="numbers")
    categorical: CategoricalConfig = Field(default_factory=CategoricalConfig, title="categories")
    interactions: int = Field(
        default=0, ge=0, le=MOST_PAIRS, title="products and ratios of numbers to add at most, chosen in each fold"
    )
    select: SelectConfig = Field(default_factory=SelectConfig, title="features that are kept, chosen in each fold")
    balance: Balance = Field(
        default="none",
        title="none, weights (both classes count alike), over (repeat rows of the rarer class), or under (leave out "
        "rows of the other); moves probabilities",
    )
    models: dict[str, ModelPreprocessConfig] = Field(
        default_factory=dict, title="per model: any of numeric, categorical, interactions, select, balance"
    )


class TuneConfig(Section):
    """The hyperparameter search."""

    enabled: bool = Field(default=False, title="search hyperparameters before training")
    method: Literal["race", "random", "grid", "optuna", "list"] = Field(
        default="race", title="how candidates are chosen and judged"
    )
    portfolio: bool = Field(
        default=True, title="begin race and optuna with the defaults and with sets that are good on many tables"
    )
    candidates: Candidates = Field(
        default_factory=dict, title="per model: parameter sets to begin with, or for method list all that are tried"
    )
    n_iter: int = Field(default=50, ge=1, le=MOST_WORK, title="candidates per model; a grid is tried whole")
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
    share: Probability = Field(default=0.1, title="share of the training rows of a fit that is held out to decide")


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
        default=None, title="time that the members may take together for one row, such as 100us; null: any"
    )


class TrainConfig(Section):
    """Which models are trained, and how."""

    budget: Duration | None = Field(
        default=None, title="time for the whole run, split over models by what they promise: 90s, 2m, 1h; null: any"
    )
    models: Names = Field(default=DEFAULT_MODELS, min_length=1, title="the models, in the order shown")
    params: PerModel = Field(default_factory=dict, title="per model: parameters other than the defaults")
    seed: Seed = Field(default=42, title="seed of every model")
    refits: int = Field(
        default=1, ge=1, le=100, title="final fits of each model, with seeds of their own, whose mean is the model"
    )
    bagging: bool = Field(default=False, title="draw the rows of each of several refits with replacement")
    early_stopping: EarlyStoppingConfig = Field(
        default_factory=EarlyStoppingConfig, title="early stopping of GradientBoosting, LightGBM, XGBoost and the like"
    )
    tune: TuneConfig = Field(default_factory=TuneConfig, title="the search")
    distributed: Literal["auto", "never", "always"] = Field(
        default="auto",
        title="spread rows over the workers of a Dask cluster (XGBoost, LightGBM); auto: if they fit into none of them",
    )
    monotone: Literal["none", "auto"] | dict[str, Literal[1, -1]] = Field(
        default="none",
        title="columns in which the probability may only rise (1) or fall (-1); auto: whatever an attacker can change, "
        "see evasion.mutable",
    )
    ensemble: EnsembleConfig = Field(default_factory=EnsembleConfig, title="the model Ensemble")


class AuditConfig(Section):
    """What the audit checks, and which findings are known already."""

    ignore: dict[str, Reason] = Field(default_factory=dict, title="findings to ignore: code or code:column -> why")
    gap: bool = Field(default=False, title="also score a default model on increasingly strict splits")


class MaxFpr(Section):
    """The smallest threshold whose false-positive rate is certified to stay within a budget."""

    max_fpr: Probability = Field(title="the budget: share of negative rows that may raise an alarm")
    confidence: Probability = Field(default=0.95, title="confidence of the certificate")


class CostRatio(Section):
    """The threshold with the lowest expected cost."""

    cost_ratio: float = Field(gt=0, le=MOST, allow_inf_nan=False, title="cost of a miss, in false alarms")
    base_rate: Probability | None = Field(default=None, title="share of positive rows in use; null: as in the table")


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


class Mutable(Section):
    """How an attacker can change one column."""

    direction: Literal["up", "down", "any"] = Field(default="any", title="where its numbers can be moved")
    cost: float = Field(default=1.0, ge=0, le=MOST, allow_inf_nan=False, title="what a change costs")
    per: Literal["step", "unit", "edit"] | None = Field(
        default=None,
        title="the cost is that of a step (a twentieth of the training rows), of a unit of the column, or of any "
        "change; null: step, edit where there are two values or categories",
    )
    min: float | None = Field(default=None, allow_inf_nan=False, title="lowest value; null: as in training")
    max: float | None = Field(default=None, allow_inf_nan=False, title="highest value; null: as in training")
    fill: float | None = Field(
        default=1.0, ge=0, le=MOST, allow_inf_nan=False, title="cost of a value where there is none; null: impossible"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min should not be above max")
        return self


class EvasionConfig(Section):
    """What an attacker can change of a row, to measure how far models withstand it."""

    enabled: bool = Field(default=False, title="measure it in run-all, and show it in the report")
    defaults: bool = Field(default=True, title="begin with what is known of columns of pages and addresses")
    mutable: dict[str, Mutable | None] = Field(
        default_factory=dict, title="column -> direction, cost, ...; null: it cannot be changed"
    )
    rows: int = Field(default=1000, ge=1, le=MOST_WORK, title="positive test rows that are attacked, drawn if more")
    seed: Seed = Field(default=42, title="seed of the draw")


class OperationConfig(Section):
    """Where the model is to work; it changes how results are presented, not how the model is scored."""

    base_rate: Probability = Field(default=0.001, title="share of incoming items that are positive")
    volume: Amount = Field(default=200_000, title="number of incoming items a day")
    analyst_minutes: float = Field(default=5, ge=0, le=MOST, allow_inf_nan=False, title="analyst minutes per alert")
    hour_cost: float = Field(default=1, ge=0, le=MOST, allow_inf_nan=False, title="cost of an analyst hour")
    miss_cost: float | None = Field(
        default=None,
        ge=0,
        le=MOST,
        allow_inf_nan=False,
        title="cost of a missed positive, in the same unit; null: unknown",
    )


class MinRecall(Section):
    """The highest threshold whose recall is certified."""

    min_recall: Probability = Field(title="share of positive rows that must be found")
    confidence: Probability = Field(default=0.95, title="confidence of the certificate")


class VerdictsConfig(Section):
    """From which probability rows are blocked or reviewed; chosen on out-of-fold scores when a release is written."""

    block: Annotated[
        Probability | Literal["auto", "never", "threshold", "max_f1", "youden"] | MaxFpr | CostRatio,
        BeforeValidator(spellings.rule),
    ] = Field(
        default="auto",
        title="from where rows are blocked, as evaluate.threshold; threshold: as the label; never; auto: "
        "{max_fpr: 0.01} if there are enough rows to certify that, else never",
    )
    review: Annotated[
        Probability | Literal["never", "threshold", "max_f1", "youden"] | MinRecall | MaxFpr | CostRatio,
        BeforeValidator(spellings.rule),
    ] = Field(default="threshold", title="from where other rows are reviewed; also {min_recall: 0.95}")
    review_capacity: Annotated[Amount, BeforeValidator(spellings.daily)] | None = Field(
        default=None, title="reviews a day that people have time for, such as 200/day; in place of review"
    )
    max_strange: Annotated[float, BeforeValidator(spellings.share), Field(ge=0, le=1)] = Field(
        default=0.2, title="share of columns unlike training beyond which a row is unknown; 1: never"
    )


class ReportConfig(Section):
    """What the report shows."""

    title: str = Field(default="Phishing detection", title="headline of the report")
    charts: bool = Field(default=True, title="draw charts (needs the charts extra)")
    figures: bool = Field(default=False, title="also write the charts as SVG and PNG files")


class PersistConfig(Section):
    """Whether run-all ends with a release."""

    enabled: bool = Field(default=False, title="write a release at the end of run-all")
    only_selected: bool = Field(default=False, title="release the selected model alone")


class RunConfig(Section):
    """Where files are stored, how many cores and how much memory are used; never part of a fingerprint by itself."""

    jobs: Jobs = Field(default=-1, title="fits to run in parallel; -1 uses all cores")
    cluster: str = Field(
        default="local",
        title="where fits are made: local, dask://HOST:PORT, ray://HOST:PORT, ray://auto or ray://local",
    )
    memory: Size | None = Field(
        default=None,
        title="memory that a run may use, such as 4GB; null: most of what the machine or its container has",
    )
    cache_dir: Folder = Field(default=USUAL["run.cache_dir"], title="folder for artifacts")
    results_dir: Folder = Field(default=USUAL["run.results_dir"], title="folder for reports, releases and logs")
    max_download: int = Field(default=5_000_000_000, ge=1, le=int(MOST), title="bytes that a download may have")
    max_download_time: Duration = Field(default=3600.0, title="time that a download may take, such as 90s or 2h")


class Config(Section):
    """The whole configuration."""

    load: LoadConfig = Field(default_factory=LoadConfig, title="load")
    preprocess: PreprocessConfig = Field(default_factory=PreprocessConfig, title="preprocess")
    audit: AuditConfig = Field(default_factory=AuditConfig, title="audit")
    train: TrainConfig = Field(default_factory=TrainConfig, title="train")
    evaluate: EvaluateConfig = Field(default_factory=EvaluateConfig, title="evaluate")
    evasion: EvasionConfig = Field(default_factory=EvasionConfig, title="evasion")
    operation: OperationConfig = Field(default_factory=OperationConfig, title="operation")
    verdicts: VerdictsConfig = Field(default_factory=VerdictsConfig, title="verdicts")
    report: ReportConfig = Field(default_factory=ReportConfig, title="report")
    persist: PersistConfig = Field(default_factory=PersistConfig, title="persist")
    run: RunConfig = Field(default_factory=RunConfig, title="run")

    def without_secrets(self) -> Config:
        """Copy the configuration as it may be shown: no password or token in the address of the source."""
        load = self.load.model_copy(update={"source": shown(self.load.source)})
        return self.model_copy(update={"load": load})
