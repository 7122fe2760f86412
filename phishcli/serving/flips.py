"""What changes when one release takes the place of another: the verdicts that flip, and the largest changes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from phishcli.serving.proof import read_proof

if TYPE_CHECKING:
    from phishcli.serving.bundle import Bundle
    from phishcli.serving.verdicts import Verdict

LARGEST = 10


@dataclass(frozen=True)
class Change:
    """One row, counted from 0, with its probability and verdict by either release."""

    row: int
    probability_before: float
    probability_after: float
    verdict_before: str
    verdict_after: str


@dataclass(frozen=True)
class Flips:
    """How many of ``rows`` rows get another verdict, and the largest changes of a probability."""

    rows: int
    flipped: int
    largest: tuple[Change, ...]


def flips(before: Bundle, after: Bundle, rows: Any) -> Flips:
    """Score rows by two releases.

    Parameters
    ----------
    before, after
        Open releases.
    rows
        Raw rows with the columns that both need.

    Raises
    ------
    DataError
        When one of them does not take the rows.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is unusual about the rows is not the question here
        pairs = list(zip(before.verdicts(rows), after.verdicts(rows), strict=True))
    changes = [_change(row, *pair) for row, pair in enumerate(pairs)]
    changed = [each for each in changes if each.verdict_before != each.verdict_after]
    ranked = sorted(changed, key=lambda each: -abs(each.probability_after - each.probability_before))
    return Flips(len(changes), len(changed), tuple(ranked[:LARGEST]))


def _change(row: int, before: Verdict, after: Verdict) -> Change:
    return Change(row, before.probability, after.probability, before.verdict, after.verdict)


def proof_rows(bundle: Bundle) -> dict[str, Any] | None:
    """The test rows that a release carries, None where it is of an earlier version."""
    from phishcli.artifacts import Entry, Manifest

    entry = Entry(bundle.folder, Manifest.read(bundle.folder))
    proof = read_proof(entry)
    return None if proof is None else dict(proof.as_columns())
