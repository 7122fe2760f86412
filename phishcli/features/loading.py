"""From a source table to features, a target and a schema: every column interpreted, one after the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from phishcli.documents.schema import Schema
from phishcli.errors import DataError
from phishcli.events import OnEvent, ignore
from phishcli.features.column_choice import check_choices, choose_columns, split_column, split_values
from phishcli.features.column_notices import tell_columns
from phishcli.features.interpretation import Counts, cleaning, interpret
from phishcli.features.labels import Labels, find_labels, labelled_rows, target_frame
from phishcli.features.roles import numbers_rows
from phishcli.features.row_keys import TWIN, find_row_keys
from phishcli.features.target import find_target
from phishcli.tables.disk import Columns, Disk
from phishcli.tables.equal_rows import equal_rows, refined, repeated
from phishcli.tables.view import TableView
from phishcli.wording import bounded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.config.schema import LoadConfig
    from phishcli.tables.table import Table


@dataclass(frozen=True)
class Loaded:
    """An interpreted table, n rows.

    ``features`` has numbers as stored (booleans and indicators int8) and texts as dictionaries. ``target`` has
    ``label`` as stored, ``target`` (int8, 1 = positive class) and ``group`` or ``time`` where the split needs them.
    ``keys`` is read by `phishcli.features.row_keys.RowKeys`.

    What only the audit needs: ``counts`` of infinite and negative values per column, before any cleaning;
    ``repeats``, the number of rows that repeat an earlier one; ``aside``, the columns of the source that are neither
    features nor the target.
    """

    features: Table
    target: pd.DataFrame
    keys: Table
    schema: Schema
    counts: Counts
    repeats: int
    aside: Table


def load(
    settings: LoadConfig,
    table: Table,
    *,
    name: str | None,
    origin: str,
    synthetic: bool,
    missing_words: tuple[str, ...] = (),
    split_by: Mapping[str, str] | None = None,
    disk: Disk | None = None,
    on_event: OnEvent = ignore,
) -> Loaded:
    """Find out what the columns of a table mean and bring them into their final form.

    Parameters
    ----------
    settings
        The section ``load`` of the configuration.
    table
        The source, n rows; it is read column by column.
    name, origin, synthetic
        The table's name in its database, what the user called the source (for messages only), and whether it is the
        built-in sample.
    missing_words
        The texts that the reader of the source took as missing.
    split_by
        Columns that the split needs, ``group`` and ``time`` to their names. They become further columns of the target
        under these two words, and are no features unless the settings keep them.
    disk
        Where columns wait for which there is no room in memory.
    on_event
        Receives what was set aside and counted.

    Raises
    ------
    DataError
        When the table is empty, when the target or its positive class is unclear, or when a named column does not
        exist.
    """
    split_by = split_by or {}
    _check_table(table, origin)
    target_name = find_target(table.schema.names, settings.target)
    check_choices(settings, table.schema.names, target_name, split_by)
    everything, table = table, _labelled(settings, table, target_name, missing_words)
    labels, target = _target(settings, table, target_name, split_by, on_event)
    decisions = choose_columns(settings, table, target_name, target["target"], split_by)
    columns, described, counts = interpret(settings, table, decisions, disk)
    features: Table = columns.table(table.rows)
    twins = equal_rows(features)
    names = table.schema.names
    repeats = _repeats(table, twins, used={target_name, *columns, *split_by.values()} & {*names})
    n_repeats = int(repeats.sum())
    keys: Table = _keys(twins, table, target_name, disk)
    used = {target_name, *columns}
    aside: Table = TableView(table, columns=[each for each in names if each not in used])
    if settings.clean.drop_duplicates:
        kept = np.flatnonzero(~repeats)
        features, keys, aside = (TableView(each, rows=kept) for each in (features, keys, aside))
        target = target.iloc[kept].reset_index(drop=True)
    schema = Schema(
        synthetic=synthetic,
        table=name,
        rows=len(target),
        target=target_name,
        positive_label=labels.positive,
        negative_label=labels.negative,
        label_counts=_label_counts(target, labels),
        columns=tuple(described),
        set_aside={column: decision.set_aside for column, decision in decisions.items() if decision.set_aside},
        clean=cleaning(settings),
        missing_words=missing_words,
        unlabelled=everything.rows - table.rows,
        merged=labels.merged,
        cleaned=_cleaned(settings, counts, n_repeats),
    )
    tell_columns(schema, decisions, on_event)
    return Loaded(features, target, keys, schema, counts, n_repeats, aside)


def _keys(twins: NDArray[np.int64], table: Table, target: str, disk: Disk | None) -> Table:
    """Which rows have equal features, and the columns by which rows could be split."""
    keys = Columns(disk)
    keys[TWIN] = twins
    for name, values in find_row_keys(table, target):
        keys[name] = values
    return keys.table(table.rows)


def _labelled(settings: LoadConfig, table: Table, target: str, missing_words: tuple[str, ...]) -> Table:
    """The rows that have a label."""
    drop = settings.unlabelled == "drop"
    rows = labelled_rows(table.column(target), target, drop=drop, missing_words=missing_words)
    return table if rows is None else TableView(table, rows=rows)


def _target(
    settings: LoadConfig, table: Table, name: str, split_by: Mapping[str, str], on_event: OnEvent
) -> tuple[Labels, pd.DataFrame]:
    """Find the labels; and give a frame of the target and of the columns that the split needs."""
    column, negative = table.column(name), settings.negative_label
    labels = find_labels(column, name, settings.positive_label, on_event, negative=negative)
    target = target_frame(table.column(name), labels)
    for word, column in split_by.items():
        target[word] = split_values(split_column(table, column), word, column)
    return labels, target


def _repeats(table: Table, twins: NDArray[np.int64], used: Collection[str]) -> NDArray[np.bool_]:
    """Mark the rows that repeat an earlier one in every column as the source stores it, row numbers aside.

    Parameters
    ----------
    twins
        Groups of rows with equal features; only these can be equal.
    used
        Columns that are compared even if they number the rows: the target, features, and what splits the rows.
    """
    names = table.schema.names
    compared = [each for each in names if each in used or not numbers_rows(each, table.column(each))]
    return repeated(refined(twins, table, compared))


def _check_table(table: Table, origin: str) -> None:
    if not table.rows:
        raise DataError(
            "The table has no rows.",
            where=origin,
            hint="Check that it is the right table (load.table names another) and that its export was complete.",
        )
    names = table.schema.names
    doubled = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if doubled:
        raise DataError(
            f"Several columns have the same name: {bounded(doubled)}.",
            where=origin,
            hint="Rename them in the source: a column is known by its name.",
        )


def _label_counts(target: pd.DataFrame, labels: Labels) -> dict[str, int]:
    positives = int(target["target"].sum())
    counts = {str(labels.positive): positives, str(labels.negative): len(target) - positives}
    return {label: counts[label] for label in labels.counts}


def _cleaned(settings: LoadConfig, counts: Counts, repeats: int) -> dict[str, int]:
    done = {
        "strip_categories": sum(found.get("blanks", 0) for found in counts.values()),
        "negative_counts": sum(found.get("negative", 0) for found in counts.values()),
        "drop_duplicates": repeats,
    }
    return {what: number for what, number in done.items() if getattr(settings.clean, what)}
