"""``promotions.jsonl`` beside the releases: who made which release champion, when, why, and on what grounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from phishcli.documents.base import Part

Action = Literal["promote", "propose", "rollback", "archive"]


class Promotion(Part, frozen=True, kw_only=True):
    """One line of the log.

    ``number`` counts from 1; ``time`` is ISO in UTC. ``alias`` points to ``version`` from then on, whose manifest has
    the hash ``sha256``, and pointed to ``before``; a proposal points nowhere until somebody else approves it, which is
    then the ``promote`` that names its number in ``approves``. ``metrics`` are those of the ``model`` on test rows,
    ``gate`` the requirements that it met. ``previous`` is the hash of the line before (empty for the first), ``hash``
    that of this line without itself: whoever changes a line has to change all that follow.
    """

    number: int
    time: str
    who: str
    why: str
    action: Action
    alias: str
    version: str
    before: str | None
    model: str
    sha256: str
    metrics: Mapping[str, float] = msgspec.field(default_factory=dict)
    gate: tuple[str, ...] = ()
    expires: str | None = None
    approves: int | None = None
    previous: str = ""
    hash: str = ""
