"""How far probabilities agree with what happens, and the map that brings them there."""

from __future__ import annotations

from phishcli.documents.base import Part


class SigmoidMap(Part, frozen=True, kw_only=True, tag_field="kind", tag="sigmoid"):
    """A logistic regression on the log odds of the score."""

    slope: float
    intercept: float


class IsotonicMap(Part, frozen=True, kw_only=True, tag_field="kind", tag="isotonic"):
    """A non-decreasing function, linear between its corners: scores ``x``, ascending, and probabilities ``y``."""

    x: tuple[float, ...]
    y: tuple[float, ...]


CalibrationMap = SigmoidMap | IsotonicMap
"""A map from scores to probabilities; JSON distinguishes them by ``kind``."""


class CalibrationBin(Part, frozen=True, kw_only=True):
    """Rows of similar score.

    ``predicted`` is their mean score, ``observed`` their share of positives, ``low`` and ``high`` the Clopper-Pearson
    interval of that share.
    """

    n: int
    predicted: float
    observed: float
    low: float
    high: float


class Calibration(Part, frozen=True, kw_only=True):
    """The map that was applied to the scores of the model, None for none, and the reliability curve on test rows."""

    map: CalibrationMap | None
    curve: tuple[CalibrationBin, ...]

    @property
    def method(self) -> str:
        """``sigmoid``, ``isotonic`` or ``none``."""
        return "none" if self.map is None else str(self.map.__struct_config__.tag)
