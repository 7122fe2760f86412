"""The one message for a column that cannot be read."""

from __future__ import annotations

from phishcli.errors import DataError
from phishcli.typed import option


def refused(name: str, why: str, where: str, hint: str = "") -> DataError:
    """Give the error for a column that cannot be read: its name, why, and how to leave it out.

    Parameters
    ----------
    why
        A verb and what follows: ``holds binary values``.
    hint
        Another way out, a sentence.
    """
    other = hint or "Or turn it into numbers or texts in the source."
    return DataError(f"Column {name!r} {why}.", where=where, hint=f"Leave it out: {option('--drop', name)}. {other}")
