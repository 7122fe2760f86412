"""``update.json`` of a release that continues an earlier one: from what, with which rows, how, and how good it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from phishcli.documents.base import Document, Part
from phishcli.documents.metrics import Score
from phishcli.documents.release import DataSource

Way = Literal["trees", "leaves", "passes"]
Version = Literal["parent", "updated", "retrained"]


class Continued(Part, frozen=True, kw_only=True):
    """A model that was fitted on; ``rounds`` is how many trees were added, None where none are."""

    model: str
    way: Way
    note: str
    rounds: int | None
    seconds: float


class Judgment(Part, frozen=True, kw_only=True):
    """One version of the model on the held-out rows.

    ``metrics`` are those on all of them, ``earlier`` and ``newer`` the values on the held-out rows of the parent's
    table and of the new one; ``earlier`` is empty where that table was not read. ``seconds`` is the time of the fit.
    """

    version: Version
    model: str
    metrics: Mapping[str, Score]
    earlier: Mapping[str, float]
    newer: Mapping[str, float]
    seconds: float | None = None


class PairedTest(Part, frozen=True, kw_only=True):
    """The update against another version on the same held-out rows.

    ``won`` and ``lost`` are the rows that only one of the two gets right, ``p`` McNemar's p-value; ``difference`` is
    that of the ROC-AUC with its interval and ``p_roc_auc`` that of the paired bootstrap; None where it is not defined.
    The p-values are adjusted for the number of pairs (Holm).
    """

    against: Version
    won: int
    lost: int
    p: float
    difference: float | None
    low: float | None
    high: float | None
    p_roc_auc: float | None


class Update(Document, frozen=True, kw_only=True):
    """What ``phish update`` did.

    ``parent`` and ``version`` are versions of releases, ``parent_sha256`` is the hash of the parent's manifest. Of the
    ``rows`` of the new table ``fitted`` were fitted on, of which ``repeated`` equal a held-out row in every column, and
    ``held_out`` were kept for the comparison; ``earlier_held_out`` are the test rows of the parent. ``left_out`` says
    why models of the parent are missing.
    """

    parent: str
    version: str
    parent_sha256: str
    data: DataSource
    rows: int
    fitted: int
    held_out: int
    repeated: int
    earlier_held_out: int
    models: tuple[Continued, ...]
    left_out: Mapping[str, str]
    judgments: tuple[Judgment, ...]
    tests: tuple[PairedTest, ...]
