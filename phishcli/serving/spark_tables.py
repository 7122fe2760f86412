"""A table of Spark to a table of answers, in the session that there is: ``phish predict spark://TABLE``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phishcli.documents.prediction import Predicted
from phishcli.errors import ConfigError, DataError, PersistError, PhishError, first_line

if TYPE_CHECKING:
    from phishcli.serving.bundle import Bundle
    from phishcli.serving.prediction import Asked

SCHEME = "spark://"
NAMES = f"Name a table, {SCHEME}scores, or a folder for Parquet, scores/"
INSTALL = "pip install 'phishcli[spark]', and Java; or run under spark-submit"


def is_spark(text: str) -> bool:
    """Whether a text names a table of Spark."""
    return text.startswith(SCHEME)


def predict_table(bundle: Bundle, asked: Asked) -> Predicted:
    """Score a table of Spark and write the answers as a new table or as Parquet.

    Parameters
    ----------
    bundle
        An open release, in a folder that all workers see.
    asked
        Source, output, columns to repeat, and what becomes of rows that cannot be read.

    Raises
    ------
    ConfigError
        When Spark is not there, the output cannot hold the answers, or an option means nothing here.
    DataError
        When the table is not there, lacks columns, or holds a row that cannot be read.
    PersistError
        When the output exists.
    """
    _check_options(asked)
    session = _session()
    frame = _table(session, asked.source.removeprefix(SCHEME))
    scored = bundle.scorer(ids=asked.ids, on_error=asked.on_error).on_spark(frame)
    written = _written(session, scored, asked.output)
    return _summary(bundle, asked, frame, written)


def _check_options(asked: Asked) -> None:
    refused = {"--explain": asked.reasons, "--rules": asked.rules, "--resume": asked.resume, "--of": asked.stix_column}
    if given := [name for name, value in refused.items() if value]:
        hint = "Write the table as Parquet and score that"
        raise ConfigError(f"{given[0]} cannot be used with a Spark table", where=asked.source, hint=hint)
    suffix = asked.output.rpartition("/")[2].partition(".")[2]
    if asked.output == "-" or (suffix not in ("", "parquet") and not is_spark(asked.output)):
        raise ConfigError(
            ("The answers for a Spark table must go to another Spark table"), where=asked.output, hint=NAMES
        )


def _session() -> Any:
    """The session of this process, or the one that Spark's own configuration describes."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ConfigError("Spark needs a package that is not installed (pyspark)", hint=INSTALL) from error
    try:
        return SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()
    except Exception as error:
        raise ConfigError(f"No Spark session can be started: {first_line(error)}", hint=INSTALL) from error


def _table(session: Any, name: str) -> Any:
    try:
        return session.table(name)
    except Exception as error:
        hint = "Tables are named as in Spark: spark://database.table"
        raise DataError(f"Spark cannot read the table: {first_line(error)}", where=name, hint=hint) from error


def _written(session: Any, scored: Any, output: str) -> Any:
    writer = scored.write.mode("errorifexists")
    try:
        if is_spark(output):
            writer.saveAsTable(output.removeprefix(SCHEME))
            return session.table(output.removeprefix(SCHEME))
        writer.parquet(output)
        return session.read.parquet(output)
    except Exception as error:
        raise _of_worker(error, output) from error


def _of_worker(error: Exception, output: str) -> PhishError:
    """What went wrong: an error of a row as it was raised in a worker, or that the output is there already."""
    text = str(error)
    for line in reversed(text.splitlines()):
        name, mark, what = line.strip().partition(": ")
        if mark and name.startswith("phishcli.errors."):
            return DataError(what, where="a row of the table", hint="--on-error skip or null goes on without such rows")
    if "ALREADY_EXISTS" in text:
        return PersistError("The output exists already", where=output, hint="Name another one, or remove it first")
    return PersistError(f"Spark could not write the answers: {first_line(error)}", where=output)


def _summary(bundle: Bundle, asked: Asked, frame: Any, written: Any) -> Predicted:
    from pyspark.sql import functions as f

    about = bundle.metadata
    verdicts = {row[0]: row[1] for row in written.groupBy("verdict").count().collect()}
    flagged, lost = written.agg(
        f.count_if(f.col("probability") >= about.threshold), f.count_if(f.col("probability").isNull())
    ).collect()[0]
    answered = sum(verdicts.values())
    read = frame.count() if asked.on_error == "skip" else answered
    return Predicted(
        model=about.model,
        version=about.version,
        threshold=about.threshold,
        target=about.target,
        positive_label=str(about.positive_label),
        source=asked.source,
        output=asked.output,
        read=read,
        answered=answered,
        positive=flagged,
        faults=lost + read - answered,
        verdicts=verdicts,
        side=None,
        labelled=0,
        metrics={},
    )
