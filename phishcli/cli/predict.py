"""``phish predict``: score new rows with a release."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.verify import PublicKey
from phishcli.errors import ConfigError

if TYPE_CHECKING:
    from phishcli.documents.prediction import Predicted
    from phishcli.documents.verdicts import Bands, OwnRules
    from phishcli.serving.bundle import Bundle
    from phishcli.serving.prediction import Asked

Data = Annotated[
    str, typer.Argument(help="Rows to score: a file, a URL, a database or spark://TABLE; - for standard input.")
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="RELEASE",
        help="champion, latest, v1.2.0 or a folder; append :NAME for one of its models.",
        show_default=False,
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="A .parquet, .csv, .jsonl or .stix.json file; CSV to stdout by default.",
        show_default=False,
    ),
]
Format = Annotated[
    Literal["parquet", "csv", "jsonl", "stix"] | None,
    typer.Option("--format", help="Format of the answers.", show_default=False),
]
Ids = Annotated[
    list[str] | None,
    typer.Option("--id", metavar="COLUMN", help="Column to copy to the output; repeatable.", show_default=False),
]
OnError = Annotated[
    Literal["fail", "skip", "null"],
    typer.Option(help="Make a row that cannot be read an error, skip and list it, or answer it with null."),
]
JsonLines = Annotated[bool, typer.Option("--jsonl", help="Read JSON lines from stdin and answer each at once.")]
Resume = Annotated[bool, typer.Option("--resume", help="Resume an interrupted output.")]
Table = Annotated[
    str | None,
    typer.Option("--table", help="Table or sheet, if a file or database holds several.", show_default=False),
]
Query = Annotated[
    str | None,
    typer.Option(
        "--query", metavar="SQL", help="For a database: the SELECT that returns the rows.", show_default=False
    ),
]
Explain = Annotated[int, typer.Option(metavar="N", help="Strongest reasons for each row, in words.", min=0, max=50)]
Rules = Annotated[
    Path | None, typer.Option(metavar="FILE", help="YAML file of rules that override the model.", show_default=False)
]
Of = Annotated[
    str | None,
    typer.Option("--of", metavar="COLUMN", help="With STIX: column of URLs or domains.", show_default=False),
]
ValidHours = Annotated[float, typer.Option(help="With STIX: hours that an indicator is valid.", min=0.01, max=8760)]
Capacity = Annotated[
    str | None,
    typer.Option(metavar="N/day", help="Limit reviews to what there is time for: 200/day.", show_default=False),
]
Volume = Annotated[
    str | None,
    typer.Option(metavar="N", help="With --review-capacity: rows per day; default: the release's.", show_default=False),
]
Log = Annotated[
    Path | None,
    typer.Option("--log", metavar="FOLDER", help="Also write the prediction log of phish serve.", show_default=False),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", help="Batches to score in parallel; -1 uses all cores.")]
Results = Annotated[
    str, typer.Option("--results-dir", metavar="PATH", help="Folder that holds artifacts/, the releases.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only warnings and errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the traceback of an unexpected error.")]
Json = Annotated[bool, typer.Option("--json", help="Print the summary as one JSON document to stdout.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("predict")(predict)


def predict(
    data: Data,
    *,
    model: Model = None,
    output: Output = None,
    format_: Format = None,
    ids: Ids = None,
    on_error: OnError = "fail",
    jsonl: JsonLines = False,
    resume: Resume = False,
    explain: Explain = 0,
    rules: Rules = None,
    of: Of = None,
    valid_hours: ValidHours = 24,
    review_capacity: Capacity = None,
    volume: Volume = None,
    log: Log = None,
    table: Table = None,
    query: Query = None,
    jobs: Jobs = -1,
    require_signature: PublicKey = None,
    results_dir: Results = "results",
    quiet: Quiet = False,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Score new rows with a release: probability, verdict, label, model and version for each."""
    with boundary(verbose=verbose, as_json=json):
        bundle = open_release(model, Path(results_dir), require_signature)
        bands = _bands(bundle, review_capacity, volume)
        if jsonl:
            from phishcli.serving.json_lines import answer_lines
            from phishcli.serving.verdicts import Judge

            _check_lines(data, log)
            judge = Judge(bundle, _rules(rules), bands)
            answer = partial(answer_lines, ids=ids or (), on_error=on_error, judge=judge, reasons=explain)
            _answer_lines(bundle, answer, quiet=quiet)
            return
        from phishcli.serving.prediction import Asked
        from phishcli.serving.reference import default_reference

        asked = Asked(
            source=data,
            output=output or "-",
            format=format_,
            ids=tuple(ids or ()),
            on_error=on_error,
            table=table,
            query=query,
            jobs=jobs,
            resume=resume,
            reasons=explain,
            rules=_rules(rules),
            stix_column=of,
            stix_hours=valid_hours,
            bands=bands,
            log=log,
            alias=model or default_reference(Path(results_dir) / "artifacts"),
        )
        _predict(bundle, asked, quiet=quiet, json=json)


def _rules(path: Path | None) -> OwnRules | None:
    from phishcli.serving.own_rules import read_rules

    return None if path is None else read_rules(path)


def _bands(bundle: Bundle, capacity: str | None, volume: str | None) -> Bands | None:
    """Choose the thresholds that a capacity asks for, and tell what they promise."""
    if capacity is None:
        if volume is not None:
            raise ConfigError("--volume requires --review-capacity", hint="--review-capacity 200/day --volume 50000")
        return None
    from phishcli.evaluation.bands import described
    from phishcli.serving.capacity import bands_for

    rows = None if volume is None else _amount("--volume", volume)
    bands = bands_for(bundle, _amount("--review-capacity", capacity), rows)
    for sentence in described(bands):
        console.note(sentence, "dim")
    return bands


def _amount(option: str, text: str) -> float:
    import math

    from phishcli.config.spellings import daily

    try:
        found = float(daily(text))
    except ValueError:
        found = math.nan
    if not 0 < found < math.inf:
        raise ConfigError(f"{option} takes a number above 0", hint="For example 200/day")
    return found


def open_release(
    reference: str | None, results: Path, public_key: Path | None = None, *, model: str | None = None
) -> Bundle:
    """Open a release by its reference, ``RELEASE`` or ``RELEASE:MODEL``; warnings become notes.

    Without a reference it is the champion, or the latest where there is none: a champion that has expired or is not
    what was promoted is an error, never replaced in silence. ``model`` names one of its models as well.

    Raises
    ------
    PersistError
        When there is no such release, or no such model in it.
    """
    import warnings

    from phishcli.serving.bundle import load_bundle
    from phishcli.serving.reference import default_reference, find_named

    reference = reference or default_reference(results / "artifacts")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        folder, name = find_named(reference, results / "artifacts")
        bundle = load_bundle(folder, model or name, require_signature=public_key)
    for warning in caught:
        console.note(str(warning.message), "yellow")
    return bundle


def _predict(bundle: Bundle, asked: Asked, *, quiet: bool, json: bool) -> None:
    from phishcli.cli.display import displayed
    from phishcli.documents.base import plain_of
    from phishcli.render.prediction import PredictionTable
    from phishcli.serving.prediction import predict_rows
    from phishcli.serving.spark_tables import is_spark, predict_table

    if asked.output == "-" and (asked.resume or json):
        what = "The answers go to stdout, which allows neither --resume nor --json"
        raise ConfigError(what, hint="Name a file: -o scores.parquet")
    with displayed(quiet=quiet or json or asked.output == "-") as display:
        if is_spark(asked.source):
            done = predict_table(bundle, asked)
        else:
            done = predict_rows(bundle, asked, sys.stdout.buffer, display.on_event)
    for notice in done.notices:
        console.note(notice, "yellow")
    if json:
        console.show_json(plain_of(done))
    elif asked.output == "-":
        _aside(done, quiet=quiet)
    elif not quiet:
        console.show(PredictionTable(done))


def _aside(done: Predicted, *, quiet: bool) -> None:
    if not quiet or done.faults:
        console.note(done.sentence(), "dim")


def _check_lines(data: str, log: Path | None) -> None:
    if log is not None:
        raise ConfigError("--log cannot be combined with --jsonl", hint="phish serve --log FOLDER logs rows one by one")
    if data != "-":
        raise ConfigError("--jsonl reads standard input", hint="phish predict - --jsonl < rows.jsonl")


def _answer_lines(bundle: Bundle, answer: Callable[..., Iterator[bytes]], *, quiet: bool) -> None:
    from phishcli.serving.fast import compile_row
    from phishcli.serving.json_lines import LineTally

    tally, out = LineTally(), sys.stdout.buffer
    for line in answer(compile_row(bundle), sys.stdin.buffer, tally):
        out.write(line)
        out.flush()
    if not quiet:
        console.note(
            f"{tally.read:,} lines read, {tally.answered:,} answered, {tally.faults:,} without an answer", "dim"
        )
