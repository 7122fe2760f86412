"""What the checks of the audit look at: a table read a column or a bounded sample at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.audit.chance import twins_by_chance
from phishcli.tables.arrow import frame, series
from phishcli.tables.cached import CachedTable
from phishcli.tables.equal_rows import shared
from phishcli.tables.table import spread

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from phishcli.documents.features import Feature
    from phishcli.documents.schema import Label, Schema
    from phishcli.features.row_keys import RowKeys
    from phishcli.tables.table import Table
    from phishcli.tables.uneven import Uneven

SAMPLE = 20_000
"""Rows of the sample that a check looks at where it need not see all rows; they are spread evenly over the table."""

MOSTLY_CHANCE = 0.5
"""The share of the twins that chance must explain for twins to be no flaw of a table."""


@dataclass(frozen=True)
class Evidence:
    """A table under audit, n rows.

    Parameters
    ----------
    features, target
        The features as ``load`` gives them and the target, shape (n,), 1 = positive class.
    schema
        What is known about the table.
    keys
        Which rows have equal features, and which belong together.
    counts
        Per column how many values were found ``infinite`` or ``negative`` before any cleaning, or ``merged``.
    repeats
        Rows of the source that repeat an earlier one in every column but row numbers.
    aside
        The columns of the source that are neither features nor the target; there for checks of the table only.
    test
        Shape (n,), whether a row is in the test part; there for checks of the split only.
    uneven
        Parts of the split that are not what was asked for.
    processed
        What became of the features in the training part; there for checks of the split only.
    """

    features: Table
    target: NDArray[np.int8]
    schema: Schema
    keys: RowKeys
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    repeats: int = 0
    aside: Table | None = None
    test: NDArray[np.bool_] | None = None
    uneven: tuple[Uneven, ...] = ()
    processed: tuple[Feature, ...] = ()

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.target)

    @cached_property
    def positive(self) -> NDArray[np.bool_]:
        """Which rows are of the positive class."""
        found: NDArray[np.bool_] = self.target == 1
        return found

    @cached_property
    def twins(self) -> NDArray[np.int64]:
        """Shape (n,): equal numbers where all features are equal."""
        return self.keys.twins

    @cached_property
    def tested(self) -> NDArray[np.bool_]:
        """Shape (n,), whether a row is in the test part; for checks that apply to a split."""
        if self.test is None:
            raise ValueError("there is no split")
        return self.test

    def label(self, positive: Any) -> Label:
        """The label of a class as the source spells it."""
        return self.schema.positive_label if positive else self.schema.negative_label

    def columns(self) -> list[str]:
        """Features that are columns of the source: indicators and what is derived from texts and dates are not."""
        return [column.name for column in self.schema.given()]

    def numeric(self) -> list[str]:
        """Those that are numbers."""
        used = set(self.columns())
        return [name for name in self.schema.names("numeric") if name in used]

    def categorical(self) -> list[str]:
        """Those that are categories."""
        used = set(self.columns())
        return [name for name in self.schema.names("categorical") if name in used]

    def column(self, name: str) -> pd.Series[Any]:
        """All values of a feature."""
        return series(self._cached.column(name), name)

    @cached_property
    def sampled(self) -> NDArray[np.intp]:
        """Positions of at most `SAMPLE` rows, spread evenly."""
        return spread(self.rows, SAMPLE)

    @cached_property
    def sample(self) -> pd.DataFrame:
        """The features of these rows."""
        return frame(self.features.select(self.sampled))

    def sampled_numbers(self, name: str) -> NDArray[np.float64]:
        """What is not missing of a numeric feature in these rows."""
        numbers: NDArray[np.float64] = self.sample[name].to_numpy(dtype=np.float64, na_value=np.nan)
        present: NDArray[np.float64] = numbers[~np.isnan(numbers)]
        return present

    @cached_property
    def sampled_positive(self) -> NDArray[np.bool_]:
        """Which of these rows are of the positive class."""
        return self.positive[self.sampled]

    def twins_by_chance(self, among: int, *, same_class: bool = False) -> float:
        """The share of rows that would have a twin among so many others, were all columns independent in each class."""
        return twins_by_chance(self.features, self.columns(), self.positive, among, same_class=same_class)

    @cached_property
    def coarse(self) -> bool:
        """Whether most rows that have a twin have it by mere chance, since columns hold few different values."""
        share = float(shared(self.twins).mean())
        return share > 0 and self.twins_by_chance(self.rows - 1) >= MOSTLY_CHANCE * share

    @property
    def by_sample(self) -> str:
        """What to add to a number that was not counted on all rows."""
        return "" if self.rows <= SAMPLE else f" (on {SAMPLE:,} rows)"

    @cached_property
    def _cached(self) -> CachedTable:
        return CachedTable(self.features)
