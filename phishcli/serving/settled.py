"""At which moment a verdict is settled, and which look-up would settle it: by bounds of the model, no search.

What is not known yet may be anything: any number, any category, or missing. If the lowest and the highest probability
that the model can then give lead to the same verdict, nothing that is looked up later changes it, unless so many values
turn out to be unlike training that the row is unknown. Bounds of trees are sound, but not exact, so that a verdict may
be settled earlier than is seen here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.evaluation.calibration_map import apply_map
from phishcli.features.tiers import is_known
from phishcli.models.bounds import Bounds, NoBounds, bounds_of
from phishcli.serving.reasons import columns_of_outputs
from phishcli.serving.rows import read_rows
from phishcli.serving.unknowns import usual_values
from phishcli.serving.verdicts import DECISIONS
from phishcli.wording import counted, listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.serving.bundle import Bundle

MOST = 4
"""Look-ups that are named."""
PAIRED = 8
"""How many unknown columns are tried in pairs."""


@dataclass(frozen=True)
class Moment:
    """What is certain once the columns of a tier are known: the range of the probability, and the verdicts in it."""

    tier: str
    unknown: tuple[str, ...]
    low: float
    high: float
    verdicts: tuple[str, ...]

    @property
    def is_settled(self) -> bool:
        """Whether only one verdict is left."""
        return len(self.verdicts) == 1


@dataclass(frozen=True)
class LookUp:
    """Columns that would settle the verdict for ``settling`` of the ``tried`` usual values."""

    columns: tuple[str, ...]
    settling: int
    tried: int


@dataclass(frozen=True)
class Settled:
    """The moments in their order up to the one that settles the verdict, or all, and the look-ups that would.

    ``why`` says why the model has no bounds, where that is so; nothing else is known then.
    """

    moments: tuple[Moment, ...] = ()
    look_ups: tuple[LookUp, ...] = ()
    why: str = ""

    @property
    def at(self) -> Moment | None:
        """The moment that settles the verdict; None where none does."""
        return next((each for each in self.moments if each.is_settled), None)

    def to_plain(self) -> dict[str, Any]:
        """As values of JSON."""
        return {
            "tier": self.at.tier if self.at else None,
            "moments": [
                {
                    "tier": each.tier,
                    "unknown": list(each.unknown),
                    "low": each.low,
                    "high": each.high,
                    "verdicts": list(each.verdicts),
                }
                for each in self.moments
            ],
            "look_ups": [
                {"columns": list(each.columns), "settling": each.settling, "tried": each.tried}
                for each in self.look_ups
            ],
            "why": self.why,
        }

    def notes(self) -> Iterator[str]:
        """The same in words."""
        if self.why:
            yield f"whether later values could change the verdict is not known: {self.why}"
        elif self.at is not None:
            later = "no later value changes that" if self.at.unknown else "everything is known"
            yield f"settled at the tier {self.at.tier!r}: {self.at.verdicts[0]} by its probability, {later}"
        elif self.moments:
            last = self.moments[-1]
            reached = f"probability {last.low:.4f} to {last.high:.4f}, {listed(last.verdicts, 'or')}"
            yield f"not settled by what is known ({reached}): {self._would()}"

    def _would(self) -> str:
        if not self.look_ups:
            return "no look-up of one or two columns with a usual value would settle it for certain"
        parts = [
            f"{listed(each.columns)} would for {each.settling} of {counted(each.tried, 'usual value')}"
            for each in self.look_ups
        ]
        return "; ".join(parts)


def settled(
    bundle: Bundle, row: Mapping[str, Any], unknown: Collection[str], tiers: Mapping[str, Sequence[str]]
) -> Settled:
    """Find the earliest tier at which the verdict on a row is settled.

    Parameters
    ----------
    bundle
        An open release.
    row
        A raw row that it takes.
    unknown
        Those of its columns that are not known at all.
    tiers
        The columns of the source that become known at each moment.
    """
    try:
        bounds = bounds_of(bundle.score, bundle.encoder.width)
    except NoBounds as none:
        return Settled(why=str(none))
    box = _Box(bundle, bounds, row)
    known: list[str] = []
    moments: list[Moment] = []
    for tier, adds in tiers.items():
        known += [name for name in adds if name not in unknown]
        moments.append(box.moment(tier, known))
        if moments[-1].is_settled:
            return Settled(tuple(moments))
    return Settled(tuple(moments), tuple(_look_ups(box, known, list(unknown))[:MOST]))


@dataclass(frozen=True)
class _Box:
    """All that a row can become while some of its columns are not known."""

    bundle: Bundle
    bounds: Bounds
    row: Mapping[str, Any]

    def moment(self, tier: str, known: Collection[str]) -> Moment:
        """What is certain when only these columns are known."""
        low, high = self._ranges([self.row], known)
        names = [column.name for column in self.bundle.schema.given() if column.name not in known]
        return Moment(tier, tuple(names), float(low[0]), float(high[0]), self._verdicts(low[0], high[0]))

    def settling(self, changes: Sequence[Mapping[str, Any]], known: Collection[str]) -> int:
        """For how many of several values of further columns the verdict is settled."""
        low, high = self._ranges([{**self.row, **each} for each in changes], known)
        return sum(len(self._verdicts(*ends)) == 1 for ends in zip(low, high, strict=True))

    def _verdicts(self, low: float, high: float) -> tuple[str, ...]:
        ends = self.bundle.judge.decisions(np.array([low, high]), np.zeros(2, dtype=np.intp))
        return tuple(DECISIONS[int(place)] for place in range(ends[0], ends[1] + 1) if self._has(place))

    def _has(self, place: int) -> bool:
        """Whether the release gives a verdict at all: not all of them review."""
        bands = self.bundle.metadata.bands
        return DECISIONS[place] != "review" or (bands is not None and bands.review is not None)

    def _ranges(
        self, rows: Sequence[Mapping[str, Any]], known: Collection[str]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        bundle = self.bundle
        matrix = bundle.encoder.encode(read_rows(list(rows), bundle.schema, whole=False))
        low, high = matrix.copy(), matrix.copy()
        columns = {column.name: column for column in bundle.schema.columns}
        for place, output in enumerate(columns_of_outputs(bundle.encoder.encoder)):
            if not all(is_known(columns[name], known) for name in output.names):
                low[:, place], high[:, place] = output.low, output.high
        lowest, highest = self.bounds(low, high)
        calibration = bundle.metadata.calibration
        return apply_map(calibration, lowest), apply_map(calibration, highest)


def _look_ups(box: _Box, known: Sequence[str], unknown: Sequence[str]) -> list[LookUp]:
    """The columns, or where none would settle it the pairs of them, that would settle the verdict; best first."""
    values = {name: found for name in unknown if (found := usual_values(box.bundle, name))}
    found = [_look_up(box, known, (name,), [{name: each} for each in values[name]]) for name in values]
    if not any(each.settling for each in found):
        for one, other in combinations(list(values)[:PAIRED], 2):
            changes = [{one: a, other: b} for a, b in product(values[one], values[other])]
            found.append(_look_up(box, known, (one, other), changes))
    useful = [each for each in found if each.settling]
    return sorted(useful, key=lambda each: -each.settling / each.tried)


def _look_up(box: _Box, known: Sequence[str], columns: tuple[str, ...], changes: Sequence[Mapping[str, Any]]) -> LookUp:
    return LookUp(columns, box.settling(changes, [*known, *columns]), len(changes))
