"""The columns of a table in their final form, described, with indicators of missing values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.documents.schema import Cleaning, Column, Derived
from phishcli.errors import DataError
from phishcli.features.clean import clean_column, to_categories, unused
from phishcli.features.column_decision import ColumnDecision
from phishcli.features.derive import DAYS, DIFFERENCE, date_pairs, part_role, parts_of
from phishcli.features.roles import as_series
from phishcli.features.written import DIGITS
from phishcli.tables.arrow import decoded, distinct, is_text
from phishcli.tables.disk import Columns
from phishcli.typed import option

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.config.schema import LoadConfig
    from phishcli.documents.schema import Role, Written
    from phishcli.tables.disk import Disk
    from phishcli.tables.table import Table

INDICATOR_SHARE = 0.01
"""With ``indicators: auto``, a column gets an indicator from this share of missing values on."""
INDICATED = ("numeric", "text", "source")
"""In names and categories a missing value is a value of its own."""

Decisions = Mapping[str, ColumnDecision]
Counts = Mapping[str, Mapping[str, int]]
Values = MutableMapping[str, "pd.Series[Any]"]


def interpret(
    settings: LoadConfig, table: Table, decisions: Decisions, disk: Disk | None = None
) -> tuple[Columns, list[Column], Counts]:
    """Bring the features of a table into their final form.

    Parameters
    ----------
    settings
        Which cleaning is on, and which columns get an indicator.
    table
        The source, n rows; its columns are read one at a time.
    decisions
        Which columns are features, and of which role.
    disk
        Where columns wait for which there is no room in memory.

    Returns
    -------
    Columns
        n values per feature; indicators (``<column>_Missing``, int8) come last.
    list of Column
        The features described, in the same order.
    dict
        Per column of the source, how many values were found ``infinite``, ``negative`` or with ``blanks``, and how many
        texts of many digits were ``merged`` with another one.

    Raises
    ------
    DataError
        When a value cannot be read, or when a column that should get an indicator is no feature.
    """
    values = Columns(disk)
    counts: dict[str, dict[str, int]] = {}
    for name, decision in decisions.items():
        if role := decision.feature_role:
            column = table.column(name)
            raw = as_series(column, name, role)
            if role in ("text", "source"):
                values[name], counts[name] = raw, {}
                continue
            values[name], counts[name] = clean_column(raw, role, cleaning(settings), decision.written)
            if role == "numeric" and (merged := _merged(column, values[name], decision.written)):
                counts[name] |= {"merged": merged}
    described = list(_describe(table, values, decisions))
    indicators = _indicated(settings, values, {each.name: each.role for each in described})
    derived = list(_add_derived(described, values))
    return values, [*described, *derived, *_add_indicators(indicators, values)], counts


def _merged(column: pa.ChunkedArray, numbers: pd.Series[Any], written: Written | None) -> int:
    """Count the texts and decimals of many digits that were different numbers before they were read."""
    if pa.types.is_decimal(column.type):
        return max(0, distinct(column) - int(numbers.nunique()))
    column = decoded(column)
    if not is_text(column.type) or written is not None:  # whose numbers have few digits
        return 0
    texts = pc.utf8_trim_whitespace(pc.unique(column.drop_null()))
    if len(texts) == 0 or pc.max(pc.utf8_length(texts)).as_py() <= DIGITS:
        return 0
    return max(0, len({Decimal(text) for text in texts.to_pylist() if text}) - numbers.nunique())


def cleaning(settings: LoadConfig) -> Cleaning:
    """The settings of the cleaning as a part of the schema."""
    return Cleaning(**settings.clean.model_dump())


def _describe(table: Table, values: Values, decisions: Decisions) -> Iterator[Column]:
    for name, decision in decisions.items():
        if role := decision.feature_role:
            column, kind = values[name], table.schema.field(name).type
            yield Column(
                name=name,
                role=role,
                dtype=str(getattr(kind, "value_type", kind)),
                missing=int(column.isna().sum()),
                categories=tuple(column.cat.categories) if role == "categorical" else (),
                written=decision.written,
                kind=decision.kind,
                form=decision.form,
            )


def _add_derived(described: list[Column], values: Values) -> Iterator[Column]:
    """Append what is derived from texts and dates to the features, but for what is the same in all rows."""
    days = {}
    for column in described:
        if column.kind is not None:
            texts = values[column.name].cat
            of_texts = parts_of(column.kind, [*texts.categories, None], column.form)
            for part, found in of_texts.items():
                made = found[texts.codes.to_numpy()]
                if part == DAYS:
                    days[column.name] = made
                yield from _derived(Derived(of=(column.name,), part=part, kind=column.kind), made, values)
    for earlier, later in date_pairs(described):
        yield from _derived(Derived(of=(earlier, later), part=DIFFERENCE), days[later] - days[earlier], values)


def _derived(derived: Derived, made: NDArray[Any], values: Values) -> Iterator[Column]:
    if len(pd.unique(made)) < 2:  # noqa: PLR2004 (the same in all rows)
        return
    name = unused(".".join([*derived.of, derived.part]), values)
    role = "numeric" if made.dtype.kind == "f" else part_role(str(derived.kind), derived.part)
    column = pd.Series(made, name=name)
    values[name] = column if role == "numeric" else to_categories(column)
    yield Column(
        name=name,
        role=role,
        dtype="double" if role == "numeric" else "string",
        missing=int(values[name].isna().sum()),
        categories=tuple(values[name].cat.categories) if role == "categorical" else (),
        derived=derived,
    )


def _add_indicators(sources: list[str], values: Values) -> Iterator[Column]:
    """Append ``<column>_Missing`` (int8) to the features; shares of missing values decide, never the label."""
    for source in sources:
        name = unused(f"{source}_Missing", values)
        values[name] = values[source].isna().astype(np.int8)
        yield Column(name=name, role="numeric", dtype="int8", indicator_of=source)


def _indicated(settings: LoadConfig, values: Values, roles: Mapping[str, Role]) -> list[str]:
    if settings.indicators == "none":
        return []
    if settings.indicators == "auto":
        marked = [name for name, role in roles.items() if role in INDICATED]
        return [name for name in marked if values[name].isna().mean() >= INDICATOR_SHARE]
    for name in settings.indicators:
        if name not in values:
            hint = f"Add {option('--keep', name)} to use the column, or remove it from the list."
            raise DataError(f"{name!r} is not used as a feature.", where="load.indicators", hint=hint)
    return list(dict.fromkeys(settings.indicators))
