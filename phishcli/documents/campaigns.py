"""``campaigns.json``: the recall by groups of rows that are nearly alike, beside that by rows."""

from __future__ import annotations

import msgspec

from phishcli.documents.base import Document, Part
from phishcli.documents.gap import Estimate


class Recalls(Part, frozen=True, kw_only=True):
    """The recall of one model.

    ``rows`` counts each positive test row once, ``campaigns`` each campaign once, ``weighted`` each campaign by its
    rows in the whole table; ``unseen`` counts the rows of campaigns without a row in training, ``unseen_campaigns``
    these campaigns once each. None where there are none. Intervals are of resampled campaigns.
    """

    model: str
    rows: Estimate
    campaigns: Estimate
    weighted: Estimate
    unseen: Estimate | None
    unseen_campaigns: Estimate | None


class Campaigns(Document, frozen=True, kw_only=True):
    """Groups of positive rows that are nearly alike, by the texts of ``columns`` or by all values.

    ``campaigns`` there are in the table, of ``rows`` positive rows; ``largest`` are the sizes of the largest ones.
    ``tested`` campaigns have ``test_rows`` in the test part; ``unseen`` of these have none in training, with
    ``unseen_rows``. ``compared`` pairs were compared.
    """

    columns: tuple[str, ...]
    rows: int
    campaigns: int
    largest: tuple[int, ...]
    tested: int
    test_rows: int
    unseen: int
    unseen_rows: int
    compared: int
    models: tuple[Recalls, ...]


class CampaignsSection(Campaigns, frozen=True, kw_only=True):
    """The campaigns, with their source."""

    source: str = msgspec.field(name="from")
