"""Making a release champion (or giving it any other alias), and taking that back: each a line in a log."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.artifacts.promotions import Promotions, history_of, proposals, state_of
from phishcli.artifacts.releases import Releases
from phishcli.documents.promotion import Action, Promotion
from phishcli.errors import CheckFailed, ConfigError, PersistError, system_error
from phishcli.serving.reference import LATEST, intact, version_of
from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.evaluation.requirements import Requirement
    from phishcli.serving.bundle import Bundle

ALIAS = re.compile(r"[a-z][a-z0-9_-]{0,30}")
ARCHIVE = "archive"
SHOWN = ("accuracy", "precision", "recall", "fpr", "roc_auc", "pr_auc")


def promote(
    bundle: Bundle,
    root: Path,
    *,
    alias: str,
    why: str,
    who: str,
    requirements: Sequence[Requirement] = (),
    expires: timedelta | None = None,
    proposed: bool = False,
) -> Promotion:
    """Let an alias point to a release.

    Parameters
    ----------
    bundle
        The release, opened; one of the releases in ``root``.
    root
        The folder that holds the releases.
    alias
        ``champion``, ``challenger``, or any other word.
    why, who
        For the log.
    requirements
        What its metrics on test rows must be.
    expires
        After which time the alias no longer counts.
    proposed
        Whether somebody else has to approve it first.

    Raises
    ------
    ConfigError
        When the alias is no word of its own.
    PersistError
        When the release does not lie in ``root``, or the log cannot be written.
    CheckFailed
        When a requirement is not met; nothing changes then.
    """
    check_alias(alias)
    if bundle.folder.parent != root.resolve() or version_of(bundle.folder.name) is None:
        hint = "Copy it there under its version, such as v1.2.0"
        raise PersistError("Only a release in this folder can be promoted", where=str(root), hint=hint)
    met = _checked(bundle, requirements)
    until = (datetime.now(UTC) + expires).isoformat() if expires else None
    action: Action = "propose" if proposed else "promote"

    def make(entries: Sequence[Promotion]) -> Promotion:
        held = state_of(entries).get(alias)
        return Promotion(
            number=0,
            time="",
            who=who,
            why=why,
            action=action,
            alias=alias,
            version=bundle.metadata.version,
            before=held.version if held else None,
            model=bundle.metadata.model,
            sha256=bundle.sha256,
            metrics=_metrics(bundle),
            gate=met,
            expires=until,
        )

    return _appended(root, make)


def approve(root: Path, alias: str, *, who: str, why: str = "") -> Promotion:
    """Approve the latest proposal for an alias.

    Raises
    ------
    PersistError
        When there is none, or it is one's own.
    """
    import msgspec

    def make(entries: Sequence[Promotion]) -> Promotion:
        open_ = [entry for entry in proposals(entries) if entry.alias == alias]
        if not open_:
            hint = "phish models promote VERSION --require-approval makes one"
            raise PersistError(f"There is no proposal for {alias}", hint=hint)
        proposal = open_[-1]
        if proposal.who == who:
            hint = "Someone else must approve it"
            raise PersistError(f"This proposal was made by {who}", hint=hint)
        held = state_of(entries).get(alias)
        return msgspec.structs.replace(
            proposal,
            action="promote",
            approves=proposal.number,
            who=who,
            why=why or proposal.why,
            before=held.version if held else None,
        )

    return _appended(root, make)


def rollback(root: Path, alias: str, *, who: str, why: str) -> tuple[Promotion, str]:
    """Let an alias point to what it pointed to before; gives the entry, and the hash of the withdrawn release.

    Raises
    ------
    PersistError
        When there is nothing before it, or that release is gone, archived or changed; nothing changes then.
    """
    import msgspec

    withdrawn = []

    def make(entries: Sequence[Promotion]) -> Promotion:
        held = history_of(entries, alias)
        if len(held) < 2:  # noqa: PLR2004 (the present one and one before)
            raise PersistError(
                f"There is no earlier release to roll back to: {alias} has pointed to {counted(len(held), 'release')}"
            )
        present, earlier = held[-1], held[-2]
        intact(earlier, root)
        withdrawn.append(present.sha256)
        return msgspec.structs.replace(
            earlier, action="rollback", before=present.version, who=who, why=why, approves=None
        )

    return _appended(root, make), withdrawn[0]


def archive(root: Path, version: str, *, who: str, why: str) -> Path:
    """Move a release out of the way, into ``archive/``.

    Raises
    ------
    PersistError
        When an alias points to it, it is the latest, or the system refuses.
    """
    wanted, releases = version_of(version), Releases(root)
    if wanted is None or wanted not in releases.versions():
        raise PersistError(f"There is no release {version!r}", where=str(root), hint="phish models list")
    if wanted == releases.versions()[-1]:
        raise PersistError(f"{version} is the latest release and cannot be archived: version numbers continue from it")
    name = releases.folder_of(wanted).name
    target = root / ARCHIVE / name

    def make(entries: Sequence[Promotion]) -> Promotion:
        _check_free(name, entries)
        try:
            target.parent.mkdir(exist_ok=True)
            releases.folder_of(wanted).rename(target)
        except OSError as error:
            raise system_error(error, f"{name} could not be archived", where=root) from error
        return Promotion(
            number=0,
            time="",
            who=who,
            why=why,
            action="archive",
            alias="",
            version=name[1:],
            before=None,
            model="",
            sha256="",
        )

    _appended(root, make)
    return target


def _check_free(name: str, entries: Sequence[Promotion]) -> None:
    holding = sorted(alias for alias, entry in state_of(entries).items() if f"v{entry.version}" == name)
    if holding:
        hint = f"Promote another first: phish models promote VERSION --alias {holding[0]}"
        raise PersistError(f"{name} is in use as {' and '.join(holding)} and cannot be archived", hint=hint)


def _appended(root: Path, make: Callable[[Sequence[Promotion]], Promotion]) -> Promotion:
    from phishcli.artifacts.manifest import Damaged

    try:
        return Promotions(root).append(make)
    except Damaged as error:
        hint = "Restore the file from a backup"
        raise PersistError(f"The promotion log is damaged: {error}", where=str(root), hint=hint) from error
    except OSError as error:
        raise system_error(error, "The promotion could not be written", where=root) from error


def check_alias(alias: str) -> None:
    """Check that a word can be an alias.

    Raises
    ------
    ConfigError
        When it cannot.
    """
    if alias == LATEST or not ALIAS.fullmatch(alias):
        hint = "Use lower-case letters, digits, - and _, such as champion"
        raise ConfigError(f"{alias!r} cannot be an alias", where="--alias", hint=hint)


def _checked(bundle: Bundle, requirements: Sequence[Requirement]) -> tuple[str, ...]:
    results = [each.check(bundle.metadata.metrics) for each in requirements]
    failed = [f"{result.requirement}: {result.detail}" for result in results if not result.met]
    if failed:
        what = (
            f"{len(failed):,} of {counted(len(results), 'requirement')} not met; {bundle.folder.name} was not promoted"
        )
        raise CheckFailed(what, where="\n".join(failed))
    return tuple(f"{result.requirement}: {result.detail}" for result in results)


def _metrics(bundle: Bundle) -> dict[str, float]:
    scores = {name: bundle.metadata.metrics.get(name) for name in SHOWN}
    return {name: score.value for name, score in scores.items() if score and score.value is not None}


def who_is_it() -> str:
    """Name the person at work: from git's configuration, else the account."""
    name = os.environ.get("GIT_AUTHOR_NAME") or _of_git("user.name")
    email = os.environ.get("GIT_AUTHOR_EMAIL") or _of_git("user.email")
    if name or email:
        return f"{name} <{email}>".strip() if email else name
    return os.environ.get("USER") or "unknown"


def _of_git(key: str) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    found = subprocess.run([git, "config", key], capture_output=True, text=True, check=False)  # noqa: S603 (fixed arguments)
    return found.stdout.strip()
