"""The training rows most like a row, of either class, among those that a release keeps in its reference.

Alike is counted as for the smallest changes: numbers by the steps between 41 quantiles of training rows, another
category or text, a missing value, or one beyond all training rows as ten steps.
Columns count alike; the distance is their mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.serving.changes import CATEGORY_STEPS
from phishcli.serving.reasons import shown
from phishcli.serving.rows import read_rows
from phishcli.wording import bounded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.reference import Reference
    from phishcli.documents.schema import Label
    from phishcli.serving.bundle import Bundle
    from phishcli.serving.rows import Rows

SHOWN = 4
"""Differences that are named."""


@dataclass(frozen=True)
class Neighbor:
    """A training row: its position in the table, its class, and how far it is, in mean quantile steps of a column.

    ``probability`` is what the model said in the fold that left it out (None: no fold did), and ``differences`` are the
    columns in which it differs, in words, most first.
    """

    row: int
    label: Label
    distance: float
    probability: float | None
    differences: tuple[str, ...]

    def __str__(self) -> str:
        said = "" if self.probability is None else f", out-of-fold probability {self.probability:.4f}"
        differing = bounded(self.differences, SHOWN) if self.differences else "nothing"
        return f"label {self.label}, row {self.row}{said}; it differs in {differing}"


def nearest_rows(bundle: Bundle, row: Mapping[str, Any], n: int = 1, *, but: int | None = None) -> list[Neighbor]:
    """Find the ``n`` nearest training rows of each class, the nearest class first.

    Parameters
    ----------
    bundle
        An open release with a reference; without one nothing is found.
    row
        A raw row that it takes.
    n
        Rows of each class.
    but
        The position of the row itself, which is no neighbor of its own.
    """
    reference = bundle.reference
    if reference is None:
        return []
    steps = _Steps(bundle, reference)
    read = read_rows([dict(row)], bundle.schema, whole=False)
    differences = steps.between(read)
    distance = differences.mean(axis=0)
    if but in reference.places:
        distance[reference.places.index(but)] = np.inf
    positive, order = np.array(reference.positive), np.argsort(distance, kind="stable")
    order = order[distance[order] < np.inf]
    chosen = [place for kind in (True, False) for place in order[positive[order] == kind][:n]]
    return [steps.neighbor(place, row, differences[:, place]) for place in sorted(chosen, key=lambda at: distance[at])]


class _Steps:
    """How far the rows of a reference are from a row, column by column."""

    def __init__(self, bundle: Bundle, reference: Reference) -> None:
        self._bundle, self._reference = bundle, reference
        self._columns = bundle.schema.given()
        self._read = read_rows(reference.as_columns(), bundle.schema, whole=False)

    def between(self, row: Rows) -> NDArray[np.float64]:
        """Steps between a row and each of the reference, shape (columns, rows of the reference)."""
        return np.array([self._column(each.name, row) for each in self._columns])

    def _column(self, name: str, row: Rows) -> NDArray[np.float64]:
        if name not in row.numbers:
            text, names = _texts(row.names(name))[0], _texts(self._read.names(name))
            return np.array([0.0 if text == other else CATEGORY_STEPS for other in names])
        theirs, own = self._ranks(name, self._read), self._ranks(name, row)[0]
        apart = np.abs(theirs - own)
        one_missing = np.isnan(theirs) != np.isnan(own)
        return np.where(one_missing, CATEGORY_STEPS, np.nan_to_num(apart, nan=0.0))

    def _ranks(self, name: str, rows: Rows) -> NDArray[np.float64]:
        """The place of numbers among the quantiles; NaN for a missing one."""
        profile = self._bundle.profile
        quantiles = profile.numeric[name].quantiles if profile and name in profile.numeric else ()
        values = rows.numbers[name].floats
        if not quantiles:
            return values
        lowest, highest = (np.searchsorted(quantiles, values, side=side) for side in ("left", "right"))
        within = np.interp(values, quantiles, np.arange(len(quantiles)))
        ranks = np.where(highest > lowest, (lowest + highest - 1) / 2, within)  # of equal quantiles the middle one
        ranks = np.where(values < quantiles[0], -CATEGORY_STEPS, ranks)
        ranks = np.where(values > quantiles[-1], len(quantiles) - 1 + CATEGORY_STEPS, ranks)
        return np.where(np.isnan(values), np.nan, ranks)

    def neighbor(self, place: int, row: Mapping[str, Any], steps: NDArray[np.float64]) -> Neighbor:
        """Describe a row of the reference."""
        reference, schema = self._reference, self._bundle.schema
        model = reference.models[self._bundle.metadata.model]
        positive = reference.positive[place]
        return Neighbor(
            row=reference.places[place],
            label=schema.positive_label if positive else schema.negative_label,
            distance=float(steps.mean()),
            probability=model.probabilities[place],
            differences=tuple(self._differences(reference.rows[place], row, steps)),
        )

    def _differences(self, theirs: Sequence[Any], row: Mapping[str, Any], steps: NDArray[np.float64]) -> Iterator[str]:
        for at in np.argsort(-steps, kind="stable").tolist():
            if steps[at] > 0:
                column = self._columns[at]
                there, here = (shown(column, _plain(value)) for value in (theirs[at], row.get(column.name)))
                yield f"{column.name} {there} (here {here})"


def _texts(column: Any) -> list[str | None]:
    names = [*column.names, None]
    return [names[code] for code in column.codes.tolist()]


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
