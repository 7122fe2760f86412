"""Which release somebody means: a folder, a version such as v1.2.0, an alias such as champion, or ``latest``."""

from __future__ import annotations

import re
from pathlib import Path

from phishcli.artifacts.manifest import Damaged
from phishcli.artifacts.promotions import Promotions, is_expired
from phishcli.artifacts.releases import Releases, Version
from phishcli.documents.promotion import Promotion
from phishcli.errors import PersistError

VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
CHAMPION = "champion"
LATEST = "latest"


def default_reference(root: Path) -> str:
    """What is meant where nothing is said: ``champion`` if there is one, else ``latest``."""
    return CHAMPION if CHAMPION in aliases(root) else LATEST


def aliases(root: Path) -> dict[str, Promotion]:
    """The promotion that each alias rests on.

    Raises
    ------
    PersistError
        When the log of promotions is not what was written.
    """
    try:
        return Promotions(root).state()
    except Damaged as error:
        hint = "phish models log --verify names the line; restore the file from a backup"
        raise PersistError(f"The promotion log is damaged: {error}", where=str(root), hint=hint) from error


def version_of(reference: str) -> Version | None:
    """Read a version, ``v1.2.0`` or ``1.2.0``; None for anything else."""
    match = VERSION.fullmatch(reference)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def find_release(reference: str, root: Path) -> Path:
    """Give the folder of a release.

    Parameters
    ----------
    reference
        ``latest``, a version (``v1.2.0`` or ``1.2.0``), an alias (``champion``), or the path of a release's folder.
    root
        The folder that holds the releases (``results/artifacts``).

    Raises
    ------
    PersistError
        When there is no such release, it is not the one that was promoted, or its promotion has expired.
    """
    return _found(reference, root)[0]


def _found(reference: str, root: Path) -> tuple[Path, str | None]:
    """Give the folder of a release; of an alias also the model that was promoted."""
    releases = Releases(root)
    version = version_of(reference)
    if version in releases.versions():
        return releases.folder_of(version), None
    if version is None and reference == LATEST and releases.versions():
        return releases.folder_of(releases.versions()[-1]), None
    known = {} if version or reference == LATEST else aliases(root)
    if reference in known:
        return intact(known[reference], root), known[reference].model or None
    if version is None and Path(reference).is_dir():
        return Path(reference), None
    names = [*("v{}.{}.{}".format(*each) for each in releases.versions()), *sorted(known)]
    raise PersistError(
        f"There is no release {reference!r}",
        where=str(root),
        hint=f"Known: {', '.join(names)}" if names else "Write one: phish persist",
    )


def find_named(reference: str, root: Path) -> tuple[Path, str | None]:
    """Give the folder of ``RELEASE`` or ``RELEASE:MODEL``, and the model, None where none is named.

    An alias names the model that was promoted.

    Parameters
    ----------
    reference, root
        As for `find_release`, with one of its models behind the release.

    Raises
    ------
    PersistError
        As `find_release` does; that the release holds the model is seen when it is opened.
    """
    release, _, model = reference.partition(":") if not Path(reference).exists() else (reference, "", "")
    folder, promoted = _found(release, root)
    return folder, model or promoted


def intact(entry: Promotion, root: Path) -> Path:
    """Give the folder of a release that was promoted.

    Raises
    ------
    PersistError
        When it is gone, not the one that was promoted, or the promotion has expired.
    """
    from phishcli.artifacts.manifest import NAME
    from phishcli.sources.hashes import file_hash

    if is_expired(entry):
        hint = f"Promote it again, or another release: phish models promote v{entry.version} --alias {entry.alias}"
        raise PersistError(f"The promotion of v{entry.version} to {entry.alias} expired on {entry.expires}", hint=hint)
    folder = root / f"v{entry.version}"
    manifest = folder / NAME
    if not manifest.is_file() or file_hash(manifest) != entry.sha256:
        raise PersistError(
            f"{entry.alias} is v{entry.version}, whose manifest is missing or is not the one that was promoted",
            where=str(folder),
            hint="Promote a release that is intact: phish models list",
        )
    return folder
