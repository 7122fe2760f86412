"""Stage 1: a source table becomes features, a target, a schema, and a list of what was found on the way."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from phishcli.audit import registry
from phishcli.audit.check import Evidence, Finding, audit, heard, ignoring
from phishcli.errors import DataError
from phishcli.events import Notice, OnEvent, ignore
from phishcli.features.clean import clean_column, unused
from phishcli.features.column_choice import ON_REQUEST, check_choices, decide, key_values
from phishcli.features.roles import Verdict, as_series, numbers_rows
from phishcli.features.row_keys import row_keys
from phishcli.features.target import Labels, find_labels, find_target, target_frame
from phishcli.tables.repeats import repeated_rows
from phishcli.tables.twins import twins_of
from phishcli.types import Column, Loaded, Schema
from phishcli.wording import bounded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from numpy.typing import NDArray

    from phishcli.config.schema import LoadConfig

INDICATOR_SHARE = 0.01
"""With ``indicators: auto``, a numeric column gets an indicator from this share of missing values on."""

Verdicts = dict[str, Verdict]
Counts = dict[str, dict[str, int]]


def load(
    settings: LoadConfig,
    table: pa.Table,
    *,
    name: str | None,
    origin: str,
    synthetic: bool,
    keys: Mapping[str, str] | None = None,
    ignored: Mapping[str, str] | None = None,
    on_event: OnEvent = ignore,
) -> Loaded:
    """Find out what the columns of a table mean and bring them into their final form.

    Parameters
    ----------
    settings
        The section ``load`` of the configuration.
    table
        The source, n rows.
    name, origin, synthetic
        The table's name in its database, what the user called the source (for messages only), and whether it is the
        built-in sample.
    keys
        Columns that the split needs, ``group`` and ``time`` to their names. They become further columns of the target
        under these two words, and are no features unless the settings keep them.
    ignored
        Findings that are not told, and why: ``audit.ignore``. They are among the audit all the same.
    on_event
        Hears what was counted, set aside and cleaned.

    Returns
    -------
    Loaded
        ``features``: numbers as stored (booleans and indicators int8), texts as ``category``, rows in the order of the
        table. ``target``: ``label`` as stored and ``target`` (int8, 1 = positive class).

    Raises
    ------
    DataError
        When the table is empty, when the target or its positive class is unclear, or when a named column is not there.
    """
    keys = keys or {}
    _check_table(table, origin)
    target_name, labels, target = _target(settings, table, keys, on_event)
    verdicts = decide(settings, table, target_name, target["target"], keys)
    features, counts = _features(settings, table, verdicts, target.index)
    row_wise = row_keys(table, target_name)
    twins = twins_of(features)
    row_wise.insert(0, "twin", twins)
    repeats = _repeats(table, twins, used={*features.columns, *keys.values()})
    aside = table.drop_columns([target_name, *features.columns])
    if settings.clean.drop_duplicates:
        features, target, row_wise = (frame[~repeats].reset_index(drop=True) for frame in (features, target, row_wise))
        aside = aside.filter(pa.array(~repeats))
    schema = Schema(
        synthetic=synthetic,
        table=name,
        rows=len(features),
        target=target_name,
        positive_label=labels.positive,
        negative_label=labels.negative,
        label_counts=_label_counts(target, labels),
        columns=(*_describe(table, features, verdicts), *_add_indicators(settings, features)),
        set_aside={column: verdict.reason for column, verdict in verdicts.items() if verdict.reason},
        clean=settings.clean.model_dump(),
        cleaned=_cleaned(settings, counts, int(repeats.sum())),
    )
    evidence = Evidence(
        features=features,
        target=target["target"].to_numpy(),
        schema=schema,
        twins=row_wise["twin"].to_numpy(),
        counts=counts,
        repeats=int(repeats.sum()),
        raw=aside,
    )
    found = audit(evidence, "table", registry())
    _tell(schema, verdicts, ignoring(found, ignored or {}), on_event)
    return Loaded(features, target, row_wise, schema, found)


def _target(
    settings: LoadConfig, table: pa.Table, keys: Mapping[str, str], on_event: OnEvent
) -> tuple[str, Labels, pd.DataFrame]:
    """Find the target; its name, its labels, and a frame of it and of the columns that the split needs."""
    name = find_target(table.column_names, settings.target)
    check_choices(settings, table.column_names, name, keys)
    labels = find_labels(table.column(name), name, settings.positive_label, on_event)
    target = target_frame(table.column(name), labels)
    for word, column in keys.items():
        target[word] = key_values(table.column(column), word, column)
    return name, labels, target


def _repeats(table: pa.Table, twins: NDArray[np.int64], used: Collection[str]) -> NDArray[np.bool_]:
    """Mark repeated rows; only those with equal features need be compared."""
    marked = np.zeros(table.num_rows, dtype=bool)
    alike = (np.bincount(twins) > 1)[twins]
    if alike.any():
        names = [name for name in table.column_names if name in used or not numbers_rows(name, table.column(name))]
        marked[alike] = repeated_rows(table.select(names).filter(pa.array(alike)), used=names)
    return marked


def _check_table(table: pa.Table, origin: str) -> None:
    if not table.num_rows:
        raise DataError("The table has no rows.", where=origin, hint="Is it the right table? load.table names another.")
    doubled = [name for name, times in Counter(table.column_names).items() if times > 1]
    if doubled:
        raise DataError(
            f"Several columns have the same name: {bounded(doubled)}.",
            where=origin,
            hint="Rename them in the source: a column is known by its name.",
        )


def _features(
    settings: LoadConfig, table: pa.Table, verdicts: Verdicts, index: pd.Index[Any]
) -> tuple[pd.DataFrame, Counts]:
    made: dict[str, pd.Series[Any]] = {}
    counts: Counts = {}
    for name, verdict in verdicts.items():
        if verdict.reason is None and verdict.role is not None:
            values = as_series(table.column(name), name, verdict.role)
            made[name], counts[name] = clean_column(values, verdict.role, settings.clean.model_dump())
    return pd.DataFrame(made, index=index, copy=False), counts


def _label_counts(target: pd.DataFrame, labels: Labels) -> dict[str, int]:
    positives = int(target["target"].sum())
    counts = {str(labels.positive): positives, str(labels.negative): len(target) - positives}
    return {label: counts[label] for label in labels.counts}


def _describe(table: pa.Table, features: pd.DataFrame, verdicts: Verdicts) -> Iterator[Column]:
    for name, verdict in verdicts.items():
        if verdict.reason is None and verdict.role is not None:
            values, kind = features[name], table.column(name).type
            yield Column(
                name=name,
                role=verdict.role,
                dtype=str(getattr(kind, "value_type", kind)),
                missing=int(values.isna().sum()),
                categories=tuple(values.cat.categories) if verdict.role == "categorical" else (),
            )


def _add_indicators(settings: LoadConfig, features: pd.DataFrame) -> Iterator[Column]:
    """Append ``<column>_Missing`` (int8) to the features; shares of missing values decide, never the label."""
    for source in _indicated(settings, features):
        name = unused(f"{source}_Missing", features.columns)
        features[name] = features[source].isna().astype(np.int8)
        yield Column(name=name, role="numeric", dtype="int8", indicator_of=source)


def _indicated(settings: LoadConfig, features: pd.DataFrame) -> list[str]:
    if settings.indicators == "none":
        return []
    if settings.indicators == "auto":
        missing = features.select_dtypes("number").isna().mean()
        return [str(name) for name in missing[missing >= INDICATOR_SHARE].index]
    for name in settings.indicators:
        if name not in features:
            hint = f"Add --keep {shlex.quote(name)} to use the column, or take it off the list."
            raise DataError(f"{name!r} is not used as a feature.", where="load.indicators", hint=hint)
    return list(dict.fromkeys(settings.indicators))


def _cleaned(settings: LoadConfig, counts: Counts, repeats: int) -> dict[str, int]:
    done = {
        "strip_categories": sum(found.get("blanks", 0) for found in counts.values()),
        "negative_counts": sum(found.get("negative", 0) for found in counts.values()),
        "drop_duplicates": repeats,
    }
    return {what: number for what, number in done.items() if getattr(settings.clean, what)}


def _tell(schema: Schema, verdicts: Verdicts, found: list[Finding], on_event: OnEvent) -> None:
    for name, verdict in verdicts.items():
        if verdict.note and verdict.reason is None:
            on_event(Notice(f"{name}: {verdict.note}.", level="warning"))
    for name, reason in schema.set_aside.items():
        if reason != ON_REQUEST:
            option = shlex.quote(name)
            keep = f"--keep {option} uses it, " if verdicts[name].role else ""
            on_event(Notice(f"{name} is set aside: {reason} ({keep}--drop {option} is silent)."))
    for finding in heard(found):
        on_event(Notice(finding["detail"], level="info" if finding["severity"] == "note" else "warning"))
    positive = schema.label_counts[str(schema.positive_label)]
    on_event(
        Notice(
            f"{schema.rows:,} rows, {len(schema.columns)} features ({len(schema.names('numeric'))} numeric, "
            f"{len(schema.names('categorical'))} categorical); target {schema.target}, positive class "
            f"{schema.positive_label!r} with {positive:,} rows."
        )
    )
