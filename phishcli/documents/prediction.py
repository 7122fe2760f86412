"""What a prediction has done, as `phish predict --json` prints it."""

from __future__ import annotations

from collections.abc import Mapping

from phishcli.documents.base import Part
from phishcli.documents.metrics import Score
from phishcli.wording import counted, percent

VERDICTS = ("block", "review", "allow", "unknown")


class Predicted(Part, frozen=True, kw_only=True):
    """One prediction of many rows; ``verdicts`` counts them.

    ``read`` rows were read, ``answered`` are in the output, ``positive`` of them of the positive class, and ``faults``
    could not be scored; these are listed in the file ``side``, if there is an output file. ``metrics`` are those of the
    ``labelled`` rows whose label is known; at most a million rows enter them.
    """

    model: str
    version: str
    threshold: float
    target: str
    positive_label: str
    source: str
    output: str
    read: int
    answered: int
    positive: int
    faults: int
    verdicts: Mapping[str, int]
    side: str | None
    labelled: int
    metrics: Mapping[str, Score]
    notices: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Rows in and out, in one line."""
        lost = f"; {counted(self.faults, 'row')} could not be scored" if self.faults else ""
        listed = f" and {'is' if self.faults == 1 else 'are'} listed in {self.side}" if self.side else ""
        share = f" ({percent(self.positive / self.answered)})" if self.answered else ""
        return (
            f"{counted(self.read, 'row')} in, {self.answered:,} out{lost}{listed}. {self.model} v{self.version} gives "
            f"{self.target} = {self.positive_label} for {self.positive:,}{share}.{self._decided()}"
        )

    def _decided(self) -> str:
        counts = [f"{name} {self.verdicts[name]:,}" for name in VERDICTS if self.verdicts.get(name)]
        return f" Verdicts: {', '.join(counts)}." if counts else ""
