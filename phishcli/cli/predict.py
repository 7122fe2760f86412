"""``phish predict``: score new rows with a release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from phishcli.cli.boundary import boundary
from phishcli.cli.common_options import Quiet, Verbose
from phishcli.cli.opened import open_release
from phishcli.cli.verify import PublicKey

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
        from phishcli.cli.scoring import answer_stdin, bands_of, check_stdin, read_own_rules, score_table
        from phishcli.serving.prediction import Asked
        from phishcli.serving.reference import default_reference

        bundle = open_release(model, Path(results_dir), require_signature)
        bands = bands_of(bundle, review_capacity, volume)
        if jsonl:
            check_stdin(data, log)
            own = read_own_rules(rules)
            answer_stdin(bundle, own, bands, ids=ids or (), on_error=on_error, reasons=explain, quiet=quiet)
            return
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
            rules=read_own_rules(rules),
            stix_column=of,
            stix_hours=valid_hours,
            bands=bands,
            log=log,
            alias=model or default_reference(Path(results_dir) / "artifacts"),
        )
        score_table(bundle, asked, quiet=quiet, json=json)
