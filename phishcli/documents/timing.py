"""``timing.json``: how long a model took to predict the test rows."""

from __future__ import annotations

from phishcli.documents.base import Document


class Timing(Document, frozen=True, kw_only=True):
    """``predict`` is in seconds, for ``rows`` rows."""

    predict: float
    rows: int

    @property
    def seconds_per_row(self) -> float:
        """The mean time for one row."""
        return self.predict / self.rows
