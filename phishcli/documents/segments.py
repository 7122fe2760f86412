"""Scores on parts of the test rows."""

from __future__ import annotations

from phishcli.documents.base import Part
from phishcli.documents.metrics import Score

NON_MISSING, MISSING = "not missing", "missing"
"""Names of the two segments of a column that is split by whether it has a value."""


class Segment(Part, frozen=True, kw_only=True):
    """The test rows with one value of a column, and the scores of one model on them.

    ``by_missingness`` is true where rows are split by whether ``column`` has a value (`NON_MISSING`) or not
    (`MISSING`), and false where ``segment`` is a value, a range of values, or a group of rare ones. Scores are None in
    segments that are too small, or that have no row to measure them on; intervals are Wilson's.
    """

    model: str
    column: str
    segment: str
    by_missingness: bool
    n: int
    n_positive: int
    accuracy: Score
    recall: Score
    fpr: Score

    @property
    def title(self) -> str:
        """What the rows are split by: the column, or whether it has a value."""
        return f"{self.column} (missing or not)" if self.by_missingness else self.column

    @property
    def shown(self) -> str:
        """The name of the segment, in quotes where blanks at its ends, or nothing at all, would not be seen."""
        return self.segment if self.segment and self.segment == self.segment.strip() else repr(self.segment)

    @property
    def scored(self) -> bool:
        """Whether there are enough rows for scores."""
        return self.accuracy.value is not None

    @property
    def without_a_leak(self) -> bool:
        """Whether these rows have a value whose absence gives the label away, and are enough."""
        return self.by_missingness and self.segment == NON_MISSING and self.scored

    @property
    def baseline(self) -> float:
        """The accuracy of always predicting the majority class of the segment."""
        return max(self.n_positive, self.n - self.n_positive) / self.n
