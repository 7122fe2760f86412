"""What is told of columns: the same thing once, in bounded number, with every role."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from phishcli.config.schema import LoadConfig
from phishcli.events import Event, Notice
from phishcli.features.column_notices import MOST
from phishcli.features.loading import load
from phishcli.tables.memory import MemoryTable

ROWS = 60


def told(**columns: object) -> list[str]:
    """What loading a table of these columns says, with a label."""
    frame = pd.DataFrame({"size": [float(row % 7) for row in range(ROWS)], **columns})
    frame["label"] = [row % 2 for row in range(ROWS)]
    events: list[Event] = []
    settings = LoadConfig(source="table.csv", target="label", positive_label=1)
    table = MemoryTable(pa.Table.from_pandas(frame, preserve_index=False))
    load(settings, table, name=None, origin="t", synthetic=False, on_event=events.append)
    return [event.message for event in events if isinstance(event, Notice) and event.when == "end"]


def test_columns_of_which_the_same_is_true_share_a_notice() -> None:
    said = told(**{f"empty{at}": [None] * ROWS for at in range(12)})
    (aside,) = [message for message in said if "set aside" in message]
    names = ", ".join(f"empty{at}" for at in range(10))
    hint = "(--keep COLUMN uses one, --drop COLUMN hides this note)"
    assert aside == f"{names} and 2 more are set aside, each because it holds no value at all {hint}."


def test_thousands_of_columns_do_not_bury_the_rest() -> None:
    said = told(**{f"same{at}": [float(at)] * ROWS for at in range(100)})
    assert sum("is set aside" in message for message in said) == MOST
    assert f"{100 - MOST} more columns set aside: phish show load" in said


def test_one_more_column_is_singular() -> None:
    said = told(**{f"same{at}": [float(at)] * ROWS for at in range(MOST + 1)})
    assert "1 more column set aside: phish show load" in said


def test_every_role_is_counted_and_no_other() -> None:
    assert told()[-1] == "Target label, positive class 1 (30 rows); features: 1 numeric."
