"""``preprocess``: split, folds, and how columns become features."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from phishcli.config import spellings
from phishcli.config.sections.section import Section
from phishcli.config.sections.values import CountOrShare, Probability, Seed
from phishcli.documents.features import Balance, Encode, Impute, NumericScale, SelectBy

Clip = Annotated[float, BeforeValidator(spellings.share), Field(gt=0, lt=0.5)]
MOST_PAIRS = 100
"""Products and ratios of numbers."""


class SplitConfig(Section):
    """How rows are split into training and test data."""

    test_size: Probability = Field(default=0.2, title="share of the rows held out for the test")
    seed: Seed = Field(default=42, title="seed of the split and of the folds")
    group: str | None = Field(default=None, title="column whose values must not be in both parts")
    time: str | None = Field(default=None, title="column that orders rows in time; the latest are the test")


class NumericConfig(Section):
    """How numbers become features."""

    impute: Impute = Field(
        default="median",
        title="what a missing number becomes: median, mean, zero, or none (models that need a value get the median)",
    )
    clip: Clip | None = Field(default=None, title="share of the values to clip at each end, such as 0.01; null: none")
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
        "native (models that take no categories get onehot)",
    )
    rare: CountOrShare | None = Field(
        default=None,
        title="rows (1 or more) or share of them below which categories are merged into one; for onehot, ordinal, "
        "native",
    )


class SelectConfig(Section):
    """Which features are kept."""

    by: SelectBy = Field(
        default="none", title="none, variance, information (mutual information with the class), or model (a forest)"
    )
    keep: CountOrShare = Field(default=0.5, title="share of the features to keep, or their number (1 or more)")


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
        default=0,
        ge=0,
        le=MOST_PAIRS,
        title=("maximum number of products and ratios of numbers to add, chosen in each fold"),
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
