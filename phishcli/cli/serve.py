"""``phish serve``: answer requests over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import console, interrupts
from phishcli.cli.boundary import boundary
from phishcli.cli.common_options import Verbose
from phishcli.cli.predict import Model
from phishcli.cli.verify import PublicKey
from phishcli.errors import ConfigError

if TYPE_CHECKING:
    from phishcli.serving.plane import Split

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)]
Workers = Annotated[int, typer.Option(help="Worker processes.", min=1, max=64)]
Watch = Annotated[bool, typer.Option("--watch", help="Follow the alias when it is moved.")]
Shadow = Annotated[
    str | None,
    typer.Option(metavar="REF", help="Release that scores the same rows without answering.", show_default=False),
]
SplitOption = Annotated[
    str | None,
    typer.Option("--split", metavar="REF=10%", help="Release that gets a share of the requests.", show_default=False),
]
SplitKey = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Column whose value decides --split.", show_default=False)
]
KeysFile = Annotated[
    Path | None,
    typer.Option("--api-keys", metavar="FILE", help="File with API keys, one per line.", show_default=False),
]
Deadline = Annotated[
    float | None,
    typer.Option("--deadline-ms", help="Answer within this many milliseconds.", min=0.001, show_default=False),
]
MaxBody = Annotated[int, typer.Option(help="Maximum request body, in bytes.", min=1)]
MaxRows = Annotated[int, typer.Option(help="Maximum rows per request.", min=1)]
MaxInFlight = Annotated[int, typer.Option(help="Maximum concurrent requests.", min=1)]
Rules = Annotated[
    Path | None,
    typer.Option(
        "--rules", metavar="FILE", help="Your own rules, which override the model (YAML).", show_default=False
    ),
]
Log = Annotated[
    Path | None,
    typer.Option("--log", metavar="FOLDER", help="Folder to log predictions and labels to.", show_default=False),
]
LogSeconds = Annotated[float, typer.Option(help="Seconds between two writes of --log.", min=0.05, max=3600)]
NoAccessLog = Annotated[bool, typer.Option("--no-access-log", help="Do not log each request.")]
Results = Annotated[Path, typer.Option("--results-dir", metavar="PATH", help="Folder with the releases.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("serve")(serve)


def serve(
    *,
    model: Model = None,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 1,
    watch: Watch = False,
    shadow: Shadow = None,
    split: SplitOption = None,
    split_key: SplitKey = None,
    api_keys: KeysFile = None,
    deadline_ms: Deadline = None,
    max_body: MaxBody = 8_000_000,
    max_rows: MaxRows = 10_000,
    max_in_flight: MaxInFlight = 64,
    rules: Rules = None,
    log: Log = None,
    log_seconds: LogSeconds = 5.0,
    no_access_log: NoAccessLog = False,
    require_signature: PublicKey = None,
    results_dir: Results = Path("results"),
    verbose: Verbose = False,
) -> None:
    """Answer requests over HTTP until interrupted."""
    with boundary(verbose=verbose):
        interrupts.usual_termination()
        from phishcli.serving.app.server import Process, check_installed
        from phishcli.serving.app.server import serve as run
        from phishcli.serving.app.settings import ServeSettings
        from phishcli.serving.plane import Wanted
        from phishcli.serving.reference import default_reference, find_named

        check_installed()
        root = results_dir / "artifacts"
        reference = model or default_reference(root)
        find_named(reference, root)
        settings = ServeSettings(
            max_body=max_body,
            max_rows=max_rows,
            max_in_flight=max_in_flight,
            deadline_ms=deadline_ms,
            keys_file=api_keys,
            access_log=not no_access_log,
        )
        wanted = Wanted(root, reference, shadow, split_of(split, split_key))
        console.note(f"Serving {reference} on http://{host}:{port} (Ctrl-C to stop)", "dim")
        run(Process(wanted, settings, host, port, workers, watch, log, log_seconds, rules, require_signature))


def split_of(text: str | None, key: str | None) -> Split | None:
    """Read ``challenger=10%``.

    Raises
    ------
    ConfigError
        When it is written otherwise, or goes without its key.
    """
    from phishcli.serving.plane import Split

    if text is None:
        return None
    reference, _, share = text.rpartition("=")
    try:
        percent = float(share.removesuffix("%"))
    except ValueError:
        percent = -1.0
    if not reference or not share.endswith("%") or not 0 <= percent <= 100:  # noqa: PLR2004 (per cent)
        raise ConfigError("The share cannot be read", where="--split", hint="Write it as --split challenger=10%")
    if key is None:
        raise ConfigError("A split needs a column", where="--split", hint="Add --split-key COLUMN")
    return Split(reference, percent / 100, key)
