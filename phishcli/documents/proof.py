"""``proof.json`` of a release: test rows with the probabilities that its models must give them on any machine."""

from __future__ import annotations

from collections.abc import Mapping

from phishcli.documents.base import Document

RawValue = bool | int | float | str | None


class Proof(Document, frozen=True, kw_only=True):
    """n rows that no model was trained on.

    ``columns`` are the columns of the source that the models need, and ``rows`` their raw values, None for a missing
    one. ``probabilities`` gives by model what the evaluation found for these rows; a probability that differs by more
    than ``tolerance`` is another one.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[RawValue, ...], ...]
    probabilities: Mapping[str, tuple[float, ...]]
    tolerance: float

    def as_columns(self) -> dict[str, list[RawValue]]:
        """The rows as a dict of columns, as `Bundle.predict_proba` takes them."""
        return {name: [row[at] for row in self.rows] for at, name in enumerate(self.columns)}
