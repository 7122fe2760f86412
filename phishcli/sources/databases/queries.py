"""Whether a text is one query that only reads. The transaction is read-only as well; this gives a clear message."""

from __future__ import annotations

import re

from phishcli.errors import DataError

ASIDE = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ | --[^\n]* | /\*(?!!).*?\*/""",
    re.VERBOSE | re.DOTALL,
)
"""Texts, quoted names and comments; a comment that begins with an exclamation mark is run by MySQL."""
READS = re.compile(r"[\s(]*(?:select|with|values|from|table)\b", re.IGNORECASE)
WRITES = re.compile(r"\binto\b|\bdelete\s+from\b|\bupdate\s+\S+\s+set\b|;|/\*!", re.IGNORECASE)


def check_query(query: str, key: str = "load.query") -> str:
    r"""Give a query without the semicolon at its end.

    Parameters
    ----------
    query, key
        The query, and the setting that holds it.

    Raises
    ------
    DataError
        When it is not one query that only reads.

    Examples
    --------
    >>> check_query("SELECT ';' AS mark -- all of it\n;")
    "SELECT ';' AS mark -- all of it\n"
    """
    query = query.strip().rstrip(";")
    plain = ASIDE.sub(" ", query)
    if not READS.match(plain) or WRITES.search(plain):
        hint = "Write one SELECT; it runs in a read-only transaction."
        raise DataError("This is not a single read-only query.", where=key, hint=hint)
    return query
