"""``phish models``: releases, their aliases, and the log of who promoted what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.common_options import Json, Results, Verbose
from phishcli.errors import CheckFailed
from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.documents.promotion import Promotion

commands = typer.Typer(help="List, compare, promote and roll back releases.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands to the application."""
    app.add_typer(commands, name="models")


Release = Annotated[str, typer.Argument(metavar="RELEASE", help="A version such as v1.2.0, an alias, or latest.")]
Alias = Annotated[str, typer.Option(metavar="NAME", help="The alias.")]
Why = Annotated[str, typer.Option(metavar="TEXT", help="The reason, for the log.", show_default=False)]
Rows = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Rows to compare verdicts on; test rows by default.", show_default=False),
]
Require = Annotated[
    list[str] | None,
    typer.Option(metavar="METRIC>=N", help="Requirement on test metrics, as in gate; repeatable.", show_default=False),
]
Expires = Annotated[str | None, typer.Option(metavar="TIME", help="Age limit such as 90d.", show_default=False)]
NeedsApproval = Annotated[bool, typer.Option("--require-approval", help="Only propose it; someone else approves it.")]
At = Annotated[
    str | None, typer.Option(metavar="TIME", help='State at a point in time: "2026-11-24 14:00".', show_default=False)
]
VerifyLog = Annotated[bool, typer.Option("--verify", help="Only verify the log.")]
RESULTS = Path("results")


@commands.command("list")
def list_(*, results_dir: Results = RESULTS, verbose: Verbose = False, json: Json = False) -> None:
    """List the releases, oldest first, with their aliases."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.render.releases import releases_table
        from phishcli.serving.listing import releases

        found = releases(results_dir / "artifacts")
        if json:
            console.show_json([each.document() for each in found])
        else:
            console.show(releases_table(found))


@commands.command()
def show(
    release: Release = "latest", *, results_dir: Results = RESULTS, verbose: Verbose = False, json: Json = False
) -> None:
    """Show what a release holds and how good it is."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.render.releases import release_table
        from phishcli.serving.listing import described
        from phishcli.serving.reference import find_release

        root = results_dir / "artifacts"
        found = described(find_release(release, root), root)
        if json:
            console.show_json(found.document())
        else:
            console.show(release_table(found))


@commands.command()
def promote(
    release: Release = "latest",
    *,
    alias: Alias = "champion",
    why: Why = "",
    require: Require = None,
    rows: Rows = None,
    expires: Expires = None,
    require_approval: NeedsApproval = False,
    results_dir: Results = RESULTS,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Point an alias to a release (exit code 8 if a requirement is not met)."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.cli.opened import open_release
        from phishcli.cli.promotions import age_of, flips_of_promotion, tell_promotion
        from phishcli.evaluation.requirements import Requirement
        from phishcli.serving.promote import check_alias, promote, who_is_it

        check_alias(alias)
        root = results_dir / "artifacts"
        requirements = [Requirement.parse(text) for text in require or ()]
        bundle = open_release(release, results_dir)
        changes = flips_of_promotion(root, alias, bundle, rows)
        entry = promote(
            bundle,
            root,
            alias=alias,
            why=why,
            who=who_is_it(),
            requirements=requirements,
            expires=age_of(expires),
            proposed=require_approval,
        )
        tell_promotion(entry, changes, json=json)


@commands.command()
def approve(
    alias: Annotated[str, typer.Argument(help="The alias.")] = "champion",
    *,
    why: Why = "",
    results_dir: Results = RESULTS,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Approve a promotion that somebody else has proposed."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.cli.promotions import tell_promotion
        from phishcli.serving.promote import approve, who_is_it

        tell_promotion(approve(results_dir / "artifacts", alias, who=who_is_it(), why=why), None, json=json)


@commands.command()
def rollback(
    alias: Annotated[str, typer.Argument(help="The alias.")] = "champion",
    *,
    why: Why = "",
    results_dir: Results = RESULTS,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Point an alias to the release before."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.cli.promotions import tell_promotion
        from phishcli.serving.promote import rollback, who_is_it

        entry, withdrawn = rollback(results_dir / "artifacts", alias, who=who_is_it(), why=why)
        tell_promotion(entry, None, json=json)
        if not json:
            console.note(f"To list the predictions of v{entry.before}: phish models recall {withdrawn} LOG", "dim")


@commands.command()
def recall(
    sha256: Annotated[str, typer.Argument(metavar="RELEASE", help="A release, or the hash of a bundle.")],
    log: Annotated[Path, typer.Argument(metavar="LOG", help="Folder of a prediction log.")],
    *,
    results_dir: Results = RESULTS,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Say which logged predictions a release has made."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.serving.listing import predictions_of
        from phishcli.serving.reference import find_release
        from phishcli.sources.hashes import file_hash

        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            sha256 = file_hash(find_release(sha256, results_dir / "artifacts") / "manifest.json")
        found = predictions_of(sha256, log)
        if json:
            console.show_json(found)
        else:
            for line in (f"{found['rows']:,} predictions by {sha256[:12]}", *(f"  {name}" for name in found["files"])):
                typer.echo(line)


@commands.command()
def archive(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="A version such as v1.0.0.")],
    *,
    why: Why = "",
    results_dir: Results = RESULTS,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Move a release into archive/; never one that an alias points to."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.serving.promote import archive, who_is_it

        target = archive(results_dir / "artifacts", version, who=who_is_it(), why=why)
        if json:
            console.show_json({"version": version, "folder": str(target)})
        else:
            typer.echo(f"{version} is now in {target}")


@commands.command()
def log(
    *,
    verify: VerifyLog = False,
    at: At = None,
    results_dir: Results = RESULTS,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Show who promoted what, when and why."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.artifacts.manifest import Damaged
        from phishcli.artifacts.promotions import Promotions
        from phishcli.cli.promotions import time_of
        from phishcli.render.releases import log_table

        promotions = Promotions(results_dir / "artifacts")
        try:
            entries: Sequence[Promotion] = promotions.read()
            if at is not None:
                entries = list(promotions.state(time_of(at)).values())
        except Damaged as error:
            raise CheckFailed(str(error), hint="Restore the file from a backup") from error
        if json:
            from phishcli.documents.base import plain_of

            console.show_json([plain_of(entry) for entry in entries])
        elif verify:
            typer.echo(f"{counted(len(entries), 'entry', 'entries')}, all intact.")
        elif at is not None and not entries:
            typer.echo(f"No alias pointed to a release at {at}.")
        else:
            console.show(log_table(entries))


@commands.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="RELEASE", help="A version, an alias, or latest.")],
    after: Annotated[str, typer.Argument(metavar="RELEASE", help="The other one.")],
    *,
    rows: Rows = None,
    results_dir: Results = RESULTS,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Compare two releases: metrics, settings, and the verdicts that change."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.cli.opened import open_release
        from phishcli.cli.promotions import flips_between, plain_flips
        from phishcli.render.releases import diff_table, flips_table
        from phishcli.serving.listing import differences

        one, other = open_release(before, results_dir), open_release(after, results_dir)
        found, changes = differences(one, other), flips_between(one, other, rows)
        if json:
            console.show_json({"differences": found, "flips": plain_flips(changes)})
            return
        console.show(diff_table(one.folder.name, other.folder.name, found))
        if changes is not None:
            console.show(flips_table(changes))
