"""Options that commands on releases have in common, with the same words in each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Results = Annotated[Path, typer.Option("--results-dir", metavar="PATH", help="Folder with artifacts/, the releases.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only warnings and errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the traceback of an unexpected error.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document to stdout.")]
