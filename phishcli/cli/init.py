"""``phish init``: look at a table, propose its settings, and write them to ``phish.yaml``."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.named import File
from phishcli.cli.options import Shared, shares_options
from phishcli.cli.saving import refuse_to_replace, settings_file, write_lines, write_settings
from phishcli.errors import ConfigError, DataError
from phishcli.typed import option
from phishcli.wording import bounded, counted, listed

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.config.starter import Line
    from phishcli.features.proposal import Target
    from phishcli.sources.source import Source
    from phishcli.tables.table import Table

Force = Annotated[bool, typer.Option("--force", "-f", help="Replace phish.yaml if it exists.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("init")(init)


@shares_options
def init(shared: Shared, file: File = None, *, force: Force = False) -> None:
    """Look at a table and write phish.yaml.

    Without a table, the settings of the last run in this folder are written.
    """
    shared = shared.at(file)
    with boundary(verbose=shared.verbose, as_json=shared.json):
        refuse_to_replace(force=force)
        resolved = shared.resolve(with_file=False)
        if resolved.last_run is not None:
            write_settings(resolved.config)
            _tell_kept(resolved.config, shared)
        elif resolved.origins["load.source"] == "default":
            raise ConfigError("There is no file to look at", hint="Name it: phish init sites.csv")
        else:
            _look(resolved.config, shared)


def _tell_kept(config: Config, shared: Shared) -> None:
    origin = config.without_secrets().load.source
    if shared.json:
        console.show_json({"file": str(settings_file()), "source": {"origin": origin}, "next": "phish run-all"})
    elif not shared.quiet:
        typer.echo(f"Wrote {settings_file()} with the settings of the last run ({origin}). Next: phish run-all")


def _look(config: Config, shared: Shared) -> None:
    from phishcli.features.proposal import propose_drops, propose_target

    source, table = _read(config)
    load = config.load
    target = propose_target(table, load.target)
    if target is None or len(target.labels) != 2:  # noqa: PLR2004 (classes)
        raise _no_target(table, source, target)
    positive = load.positive_label if load.positive_label is not None else _ask(target, shared)
    drops = propose_drops(table, target.name, max_categories=load.max_categories)
    write_lines(_lines(config, target, positive, drops))
    following = _next(shared, target, positive)
    if shared.json:
        console.show_json(_document(source, target, positive, drops, following))
    elif not shared.quiet:
        _tell(source, table, target, positive, drops, following)


def _read(config: Config) -> tuple[Source, Table]:
    from phishcli.cli.display import displayed
    from phishcli.project import Project
    from phishcli.sources.locate import locate
    from phishcli.sources.source import Reading
    from phishcli.tables.memory import MemoryTable

    with displayed(quiet=True) as display:
        source = locate(**Project(config).where, on_event=display.on_event)
        rows = source.read(Reading.of(config.load, config.load.limits), on_event=display.on_event)
        return source, MemoryTable.of_batches(rows.schema, rows.batches)


def _no_target(table: Table, source: Source, target: Target | None) -> DataError:
    from phishcli.features.proposal import candidates

    others = [name for name in candidates(table) if target is None or name != target.name]
    lines = [f"phish init {shlex.quote(source.origin)} {option('--target', name)}" for name in others]
    what = f"{target.name} does not have two labels: {_counts(target)}" if target else "No column is clearly the target"
    return DataError(
        f"{what}; phish.yaml was not written",
        where=f"{source.origin}, columns {bounded(table.schema.names, 30)}",
        hint="\n".join([*lines, *_one_against_the_rest(source, target)][:10]) or "Add a column of labels to the source",
    )


def _one_against_the_rest(source: Source, target: Target | None) -> list[str]:
    """The line to type for each label of a target that has more than two."""
    of = f"phish run-all {shlex.quote(source.origin)} {option('--target', target.name)}" if target else ""
    labels = target.labels if target and len(target.labels) > 2 else ()  # noqa: PLR2004 (classes)
    return [f"{of} {option('--positive-label', label)} --negative-label rest --save" for label in labels]


def _ask(target: Target, shared: Shared) -> Any:
    """Take the label that is proposed, or the one that somebody at a terminal chooses; None leaves it open."""
    if target.positive is not None:
        return target.positive
    if shared.json or shared.quiet or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    by_text = {str(label): label for label in target.labels}
    question = f"Which label of {target.name} is to be detected, {_counts(target)}? (Enter leaves it open)"
    answer = typer.prompt(question, default="", show_default=False, err=True).strip()
    return by_text.get(answer)


def _counts(target: Target) -> str:
    rows = [f"{label} ({counted(rows, 'row')})" for label, rows in target.labels.items()]
    return listed(rows, "or") if rows else "too many values, or none"


def _lines(config: Config, target: Target, positive: Any, drops: dict[str, str]) -> list[Line]:
    from phishcli.config.starter import Line, lines_of

    known = [line for line in lines_of(config) if line.key not in ("load.target", "load.positive_label", "load.drop")]
    lines = [*known, Line("load.target", target.name, f"the column that holds the label; {target.why}")]
    if positive is not None:
        because = f"proposed, since {target.because}: check it" if target.because else "the label to detect"
        lines.append(Line("load.positive_label", positive, because))
    else:
        lines += [
            Line("load.positive_label", label, f"{counted(rows, 'row')}; keep the line with the label to detect", True)
            for label, rows in target.labels.items()
        ]
    reasons = {**drops, **dict.fromkeys(config.load.drop, "as given")}
    return [*lines, *([Line("load.drop", reasons, "columns to leave out")] if reasons else [])]


def _next(shared: Shared, target: Target, positive: Any) -> list[str]:
    """The line to type next; one per label where it is open which one is to be detected."""
    if positive is not None:
        return ["phish run-all"]
    given = " ".join(_given(shared))
    return [f"phish init {given} {option('--positive-label', label)} --force" for label in target.labels]


def _given(shared: Shared) -> list[str]:
    """The table and the options that were given, to be typed again."""
    options = {
        "--target": [shared.target] if shared.target is not None else [],
        "--drop": shared.drop,
        "--keep": shared.keep,
        "--models": shared.models,
        "--set": shared.sets,
        "--config": shared.config,
    }
    words = [option(name, value) for name, values in options.items() for value in values or ()]
    return [shlex.quote(str(shared.file or shared.source)), *words]


def _document(source: Source, target: Target, positive: Any, drops: dict[str, str], following: list[str]) -> Any:
    return {
        "file": str(settings_file()),
        "source": {"origin": source.origin, "sha256": source.sha256},
        "target": target.name,
        "labels": [{"label": label, "rows": rows} for label, rows in target.labels.items()],
        "unlabelled": target.missing,
        "positive_label": positive,
        "drop": drops,
        "next": following[0] if len(following) == 1 else following,
    }


def _tell(
    source: Source, table: Table, target: Target, positive: Any, drops: dict[str, str], following: list[str]
) -> None:
    size = f"{counted(table.rows, 'row')}, {counted(len(table.schema.names), 'column')}"
    typer.echo(f"{source.origin}: {size}")
    typer.echo(f"  target          {target.name} ({target.why}): {_counts(target)}")
    if target.missing:
        typer.echo(f"  without label   {counted(target.missing, 'row')}")
    because = f" (proposed, since {target.because}: check it)" if target.because and positive == target.positive else ""
    shown = "open: which one is to be detected?" if positive is None else f"{positive}{because}"
    typer.echo(f"  positive label  {shown}")
    for name, reason in drops.items():
        typer.echo(f"  drop            {name} ({reason})")
    still = "" if positive is not None else ", which lacks the label to detect"
    typer.echo(f"Wrote {settings_file()}{still}. Next{', one of' if still else ''}:")
    for line in following:
        typer.echo(f"  {line}")
