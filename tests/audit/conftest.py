"""Small evidence, and one check looking at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.audit import registry
from phishcli.audit.check import run_checks
from phishcli.audit.evidence import Evidence
from phishcli.documents.findings import Finding
from phishcli.documents.schema import Cleaning, Column, Schema
from phishcli.features.row_keys import RowKeys
from phishcli.tables.equal_rows import equal_rows
from phishcli.tables.memory import MemoryTable


def build(
    columns: Mapping[str, Any],
    target: Sequence[int] | np.ndarray,
    *,
    dtypes: Mapping[str, str] | None = None,
    indicators: Mapping[str, str] | None = None,
    set_aside: Mapping[str, str] | None = None,
    clean: Mapping[str, bool] | None = None,
    raw: Mapping[str, Any] | None = None,
    groups: Mapping[str, Any] | None = None,
    **more: Any,
) -> Evidence:
    """Evidence of a table: texts are categories, all else is numbers; 1 is ``phishing``, 0 ``legitimate``."""
    target = np.asarray(target, dtype=np.int8)
    made = {name: _series(values) for name, values in columns.items()}
    features = pd.DataFrame(made, index=pd.RangeIndex(len(target)))
    schema = Schema(
        synthetic=False,
        table=None,
        rows=len(target),
        target="label",
        positive_label="phishing",
        negative_label="legitimate",
        label_counts={"phishing": int(target.sum()), "legitimate": int((1 - target).sum())},
        columns=tuple(
            _column(features[name], (dtypes or {}).get(name), (indicators or {}).get(name)) for name in features
        ),
        set_aside=dict(set_aside or {}),
        clean=Cleaning(**(clean or {})),
    )
    table = MemoryTable.of_frame(features)
    keys = {"twin": equal_rows(table), **{f"group.{name}": codes for name, codes in (groups or {}).items()}}
    return Evidence(
        features=table,
        target=target,
        schema=schema,
        keys=RowKeys(MemoryTable.of_columns(keys, len(target))),
        aside=None if raw is None else MemoryTable(pa.table(dict(raw)), len(target)),
        **more,
    )


def _series(values: Any) -> pd.Series:
    series = pd.Series(values)
    return series if pd.api.types.is_numeric_dtype(series.dtype) else series.astype("str").astype("category")


def _column(values: pd.Series, dtype: str | None, indicator_of: str | None) -> Column:
    categorical = isinstance(values.dtype, pd.CategoricalDtype)
    return Column(
        name=str(values.name),
        role="categorical" if categorical else "numeric",
        dtype=dtype or ("string" if categorical else str(values.dtype)),
        missing=int(values.isna().sum()),
        categories=tuple(values.cat.categories) if categorical else (),
        indicator_of=indicator_of,
    )


@pytest.fixture
def evidence() -> Callable[..., Evidence]:
    """Make evidence of columns, a target, and whatever else `Evidence` takes."""
    return build


@pytest.fixture
def found() -> Callable[..., list[Finding]]:
    """Let one check look at such evidence: ``found("few-rows", columns, target)``."""

    def look(code: str, *arguments: Any, **more: Any) -> list[Finding]:
        check = registry()[code]
        return list(run_checks(build(*arguments, **more), check.scope, {code: check}).findings)

    return look


@pytest.fixture
def applies() -> Callable[..., bool]:
    """Ask a check whether it has anything to look at."""

    def ask(code: str, *arguments: Any, **more: Any) -> bool:
        return bool(registry()[code].applies(build(*arguments, **more)))

    return ask
