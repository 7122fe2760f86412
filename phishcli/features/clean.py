"""Values in the form that every later stage expects: numbers, categories as text, and the optional cleaning of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api import types as dtypes

from phishcli.errors import DataError
from phishcli.features.scalars import text_of
from phishcli.features.values import floats_of, is_count
from phishcli.tables.arrow import EXACT_LIMIT
from phishcli.wording import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from phishcli.documents.schema import Cleaning, Role, Written


EXACT: Mapping[Any, Any] = {np.dtype(np.int64): "Int64", np.dtype(np.uint64): "UInt64"}
"""What holds missing values beside integers exactly."""


def clean_column(
    values: pd.Series[Any], role: Role, clean: Cleaning, written: Written | None = None
) -> tuple[pd.Series[Any], dict[str, int]]:
    """Bring one column into its final form; the same at loading and at scoring time.

    Parameters
    ----------
    values
        The column as the source gives it, with its name.
    role
        ``numeric``, ``categorical`` or ``high_cardinality``.
    clean
        Which cleaning is on.
    written
        How a text column writes its numbers, where that is not plain.

    Returns
    -------
    Series, dict
        The values (a number dtype with NaN for missing and infinite ones, or ``category`` with sorted texts), and how
        many rows were found ``infinite``, ``negative`` (count columns only) or with ``blanks`` around a category;
        only what occurs is in it.

    Raises
    ------
    DataError
        When a numeric column holds something that is not a number.
    """
    if role in ("categorical", "high_cardinality"):
        strip = clean.strip_categories
        categories = to_categories(values)
        found = {"blanks": blank_rows(categories)}
        return (to_categories(categories, strip=True) if strip and found["blanks"] else categories), _occurring(found)
    numbers = to_numbers(values, written)
    infinite = np.isinf(numbers) if numbers.dtype.kind == "f" else np.zeros(len(numbers), dtype=bool)
    numbers = numbers.mask(infinite) if infinite.any() else numbers
    negative = (numbers < 0).fillna(value=False) if is_count(str(values.name)) else np.zeros(len(numbers), dtype=bool)
    found = {"infinite": int(infinite.sum()), "negative": int(negative.sum())}
    cleans = clean.negative_counts and found["negative"]
    return (_nullable(numbers).mask(negative) if cleans else numbers), _occurring(found)


def _nullable(numbers: pd.Series[Any]) -> pd.Series[Any]:
    """Give large integers a type that holds missing values beside them exactly."""
    return numbers.astype(EXACT[numbers.dtype]) if numbers.dtype in EXACT and _large(numbers) else numbers


def _large(numbers: pd.Series[Any]) -> bool:
    """Whether float64 cannot hold these integers exactly."""
    return bool(numbers.max() > EXACT_LIMIT or numbers.min() < -EXACT_LIMIT)


def _occurring(found: Mapping[str, int]) -> dict[str, int]:
    return {what: count for what, count in found.items() if count}


def to_numbers(values: pd.Series[Any], written: Written | None = None) -> pd.Series[Any]:
    """Give a column as numbers: booleans as int8, texts by their exact value, blanks and nulls as NaN.

    Raises
    ------
    DataError
        When values are dates or are not numbers, with how many and examples.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if dtypes.is_bool_dtype(values.dtype) and not values.hasnans:
        return values.astype(np.int8)
    if dtypes.is_numeric_dtype(values.dtype):
        return _plain(values)
    if dtypes.is_datetime64_any_dtype(values.dtype) or dtypes.is_timedelta64_dtype(values.dtype):
        raise DataError("The column holds dates or times where numbers are expected.", where=f"column {values.name}")
    return _parsed(values, written)


def _parsed(values: pd.Series[Any], written: Written | None) -> pd.Series[Any]:
    floats, refused = floats_of(values.to_numpy(object), written=written)
    if refused:
        raise DataError(
            f"{counted(refused.number, 'value')} cannot be read as numbers: {refused}.",
            where=f"column {values.name}",
            hint="Correct them, or leave them empty: an empty value counts as missing.",
        )
    return pd.Series(_whole(floats), index=values.index, name=values.name)


def _whole(floats: NDArray[np.float64]) -> NDArray[Any]:
    """Give numbers as int64 where all of them are whole and exact."""
    exact = bool(np.all(np.abs(floats) < EXACT_LIMIT)) and bool(np.all(floats == np.floor(floats)))
    return floats.astype(np.int64) if exact else floats


def _plain(numbers: pd.Series[Any]) -> pd.Series[Any]:
    """Leave NumPy's integers and floats as they are, and nullable integers that float64 cannot hold."""
    exact = isinstance(numbers.dtype, pd.Int64Dtype | pd.UInt64Dtype) and _large(numbers)
    kept = isinstance(numbers.dtype, np.dtype) and numbers.dtype.kind in "iuf" and numbers.dtype != np.float16
    return numbers if kept or exact else numbers.astype(np.float64)


def to_categories(values: pd.Series[Any], *, strip: bool = False) -> pd.Series[Any]:
    """Give a column as ``category`` whose categories are sorted texts; whole numbers are written without ``.0``.

    Parameters
    ----------
    values
        Texts, numbers, booleans or categories; nulls stay missing.
    strip
        Remove blanks around the texts, so that ``eCommerce`` and ``eCommerce `` become one category.
    """
    no_texts = DataError("The column holds lists or objects where texts are expected.", where=f"column {values.name}")
    try:
        stored = values.astype("category").cat.remove_unused_categories()
    except TypeError as error:
        raise no_texts from error
    texts = [text for value in stored.cat.categories if (text := text_of(value)) is not None]
    if len(texts) < len(stored.cat.categories):
        raise no_texts
    codes, categories = pd.factorize(
        pd.Series([text.strip() for text in texts] if strip else texts, dtype="str"), sort=True
    )
    moved = np.append(codes, -1)[stored.cat.codes.to_numpy()]
    return pd.Series(pd.Categorical.from_codes(moved, categories), index=values.index, name=values.name)


def blank_rows(values: pd.Series[Any]) -> int:
    """Count the rows whose category has blanks around it."""
    padded = [text for text in values.cat.categories if text != text.strip()]
    return int(values.isin(padded).sum())


def unused(name: str, taken: Collection[str]) -> str:
    """Give ``name``, or ``name_2``, ``name_3`` ... when it is taken."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate
