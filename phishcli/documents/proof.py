"""``proof.json`` of a release: test rows with the probabilities that its models must give them on any machine."""

from __future__ import annotations

from collections.abc import Mapping

from phishcli.documents.base import Document

RawValue = bool | int | float | str | None


class RawTable(Document, frozen=True, kw_only=True):
    """n rows: the ``columns`` of the source that models need, and their raw values, None for a missing one."""

    columns: tuple[str, ...]
    rows: tuple[tuple[RawValue, ...], ...]

    def as_columns(self) -> dict[str, list[RawValue]]:
        """The rows as a dict of columns, as `Bundle.predict_proba` takes them."""
        return {name: [row[at] for row in self.rows] for at, name in enumerate(self.columns)}


class Proof(RawTable, frozen=True, kw_only=True):
    """Rows that no model was trained on.

    ``probabilities`` gives by model what the evaluation found for these rows; a probability that differs by more
    than ``tolerance`` is another one.
    """

    probabilities: Mapping[str, tuple[float, ...]]
    tolerance: float
