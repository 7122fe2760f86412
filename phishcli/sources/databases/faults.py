"""What goes wrong with databases: tried again where that may help, and said without passwords."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from phishcli.address import shown
from phishcli.errors import DataError, first_line
from phishcli.events import Notice, OnEvent
from phishcli.wording import bounded_text

Result = TypeVar("Result")

TRIES = 3
WAIT = 0.5
"""Seconds before the second try; each further pause is twice as long."""
LONGEST = 300
"""Characters of what a driver says."""
PASSING = re.compile(
    r"connection refused|connection reset|broken pipe|timed out|timeout expired|server closed the connection"
    r"|terminating connection|lost connection|gone away|starting up|shutting down|too many (?:clients|connections)"
    r"|could not (?:receive|send)|no connection to the server|deadlock|serialize access|SSL SYSCALL",
    re.IGNORECASE,
)
"""Faults that another try may not meet."""
REFUSED = re.compile(r"password|authentication|access denied|role .* does not exist", re.IGNORECASE)
DRIVERS = frozenset(
    {"sqlalchemy", "psycopg", "pymysql", "duckdb", "_duckdb", "adbc_driver_manager", "pyarrow", "sqlite3", "pyodbc"}
    | {"oracledb", "pymssql", "snowflake", "google", "trino"}
)
"""Modules whose errors are those of a database; they have no common root."""


def tried_again(attempt: Callable[[], Result], url: str, on_event: OnEvent) -> Result:
    """Call until it succeeds, with growing pauses, as long as the fault is one that passes.

    Raises
    ------
    DataError
        When it fails for good.
    """
    import tenacity

    def announce(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if error is not None:
            on_event(Notice(f"{shown(url)}: {said(error, url)}; trying again in {state.upcoming_sleep:g} s."))

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: is_of_driver(error) and bool(PASSING.search(_text(error)))),
        stop=tenacity.stop_after_attempt(TRIES),
        wait=tenacity.wait_exponential(multiplier=WAIT),
        before_sleep=announce,
        reraise=True,
    )
    with _explained(url):
        return retrying(attempt)


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turn the error of a driver into one message; its own text, which may hold a password, is not kept with it."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        if not is_of_driver(error):
            raise
        line = said(error, url)
        hint = "Check that the server runs and that the address, the table and the query are right."
        if REFUSED.search(line):
            hint = "Check user and password: in the address, in the environment, or in ~/.pgpass."
        raise DataError(f"The database cannot be read: {line}", where=shown(url), hint=hint) from None


def said(error: BaseException, url: str) -> str:
    """Give what a driver says in one line, without what is secret in the address."""
    line = first_line(getattr(error, "orig", None) or error)
    for secret in sorted(_secrets(url), key=len, reverse=True):
        line = line.replace(secret, "...")
    return bounded_text(line, LONGEST)


def _secrets(url: str) -> set[str]:
    """The password and the values of all options, as they are written and as they are meant."""
    place = url.partition("://")[2]
    login = place.rpartition("@")[0].partition(":")[2]
    try:
        values = [value for _, value in parse_qsl(urlsplit(url).query)]
    except ValueError:
        values = []
    found = {text for value in (login, *values) for text in (value, unquote(value))}
    return {text for text in found if text}


def is_of_driver(error: BaseException) -> bool:
    """Whether an error comes from a database or its driver."""
    return type(error).__module__.partition(".")[0] in DRIVERS or isinstance(error, OSError)


def _text(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error)
