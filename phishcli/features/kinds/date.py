"""Dates and times: their parts, the hour, the weekday and the month as points on a circle, and the days since 1970.

The days since 1970 are the age of a row against any fixed day, the newest training row included, up to a constant and
the sign, neither of which a scaled feature keeps.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from phishcli.features.kinds.kind import Kind, Part, PartValue

if TYPE_CHECKING:
    import pyarrow as pa

ISO = r"^\s*\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?\s*$"
YEAR_FIRST = r"^\s*\d{4}[/.]\d{1,2}[/.]\d{1,2}([ T]\d{1,2}:\d{2}.*)?\s*$"
YEAR_LAST = r"^\s*\d{1,2}[./-]\d{1,2}[./-]\d{4}([ T]\d{1,2}:\d{2}.*)?\s*$"
FIELDS = re.compile(
    r"\s*(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})"
    r"(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?.*)?\s*"
)
DAY_FIRST, MONTH_FIRST, YEAR = "day first", "month first", "year first"
MONTHS = 12
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LACKING = (math.nan,) * 14

PARTS = (
    Part("days", "days since 1970"),
    Part("year", "year"),
    Part("month", "month"),
    Part("day", "day of the month"),
    Part("weekday", "weekday (0: Monday)"),
    Part("weekend", "whether it is a Saturday or Sunday"),
    Part("hour", "hour"),
    Part("minute", "minute"),
    Part("hour.sin", "hour as a point on a circle (sine)"),
    Part("hour.cos", "hour as a point on a circle (cosine)"),
    Part("weekday.sin", "weekday as a point on a circle (sine)"),
    Part("weekday.cos", "weekday as a point on a circle (cosine)"),
    Part("month.sin", "month as a point on a circle (sine)"),
    Part("month.cos", "month as a point on a circle (cosine)"),
)


def parsed(text: str, form: str | None) -> datetime | None:
    """Read a date as its column writes them; None where it is none. A time zone is converted to UTC."""
    found = FIELDS.fullmatch(text)
    if found is None:
        return None
    first, second, third = (int(each) for each in found.group(1, 2, 3))
    year, month, day = (first, second, third) if len(found[1]) == 4 else (third, second, first)  # noqa: PLR2004 (a year has four digits)
    if len(found[1]) != 4 and form == YEAR and max(first, second) <= MONTHS:  # noqa: PLR2004 (which is the month?)
        return None
    if len(found[1]) != 4 and form == MONTH_FIRST:  # noqa: PLR2004 (digits of a year)
        month, day = day, month
    hour, minute, second = (int(each or 0) for each in found.group(4, 5, 6))
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC) - _offset(found[7])
    except (ValueError, OverflowError):
        return None


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone in ("Z", "UTC"):
        return timedelta()
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    return timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)


def _derive(text: str, form: str | None) -> tuple[PartValue, ...]:
    moment = parsed(text, form)
    if moment is None:
        return LACKING
    hour, weekday = moment.hour + moment.minute / 60, moment.weekday()
    return (
        (moment - EPOCH).total_seconds() / 86_400,
        float(moment.year),
        float(moment.month),
        float(moment.day),
        float(weekday),
        float(weekday >= 5),  # noqa: PLR2004 (Saturday)
        float(moment.hour),
        float(moment.minute),
        *_circle(hour / 24),
        *_circle(weekday / 7),
        *_circle((moment.month - 1) / MONTHS),
    )


def _circle(turn: float) -> tuple[float, float]:
    """Sine and cosine, rounded so that equal ones are equal: Tuesday and Sunday have the same cosine."""
    angle = 2 * math.pi * turn
    return round(math.sin(angle), 12) + 0.0, round(math.cos(angle), 12) + 0.0  # + 0.0: no -0.0


def date_text(value: object) -> object:
    """A date or time as its text in ISO 8601, None for none; anything else as it is."""
    if type(value).__name__ in ("NaTType", "datetime64"):  # of pandas and NumPy, which are not imported here
        return None if str(value) == "NaT" else str(value)
    if hasattr(value, "isoformat") and isinstance(value, date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return value


def _recognize(distinct: pa.Array) -> bool:
    import pyarrow.compute as pc

    pattern = f"({ISO})|({YEAR_FIRST})|({YEAR_LAST})"
    return bool(pc.all(pc.match_substring_regex(distinct, pattern)).as_py())


def _form(distinct: pa.Array) -> str | None:
    """Which of day and month comes first; None where every date allows both, or where not all are written alike."""
    found = [FIELDS.fullmatch(text) for text in distinct.to_pylist()]
    fields = [each.group(1, 2) for each in found if each]
    year_first = {len(first) == 4 for first, _ in fields}  # noqa: PLR2004 (digits of a year)
    if len(fields) < len(found) or len(year_first) > 1:
        return None
    if year_first == {True}:
        return YEAR
    firsts, seconds = [int(first) for first, _ in fields], [int(second) for _, second in fields]
    if max(firsts) > MONTHS >= max(seconds):
        return DAY_FIRST
    return MONTH_FIRST if max(seconds) > MONTHS >= max(firsts) else None


KIND = Kind(
    name="date",
    title="dates or times",
    parts=PARTS,
    derive=_derive,
    recognize=_recognize,
    form=_form,
    needs_form=True,
    rank=0,
)
