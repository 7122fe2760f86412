"""Releases as a list, one in detail, and two beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from phishcli.artifacts import Damaged, Entry, Manifest
from phishcli.artifacts.releases import Releases
from phishcli.documents.release import Contents, ListedRelease, ModelMetadata
from phishcli.errors import PersistError
from phishcli.serving.reference import aliases

if TYPE_CHECKING:
    import pyarrow as pa

    from phishcli.serving.bundle import Bundle

SHOWN = ("accuracy", "precision", "recall", "f1", "fpr", "roc_auc", "pr_auc")
FIRST = 100_000
"""Rows on which verdicts are compared at most."""


def releases(root: Path) -> list[ListedRelease]:
    """All releases in a folder, in the order of their versions."""
    found = Releases(root)
    return [described(found.folder_of(version), root) for version in found.versions()]


def described(folder: Path, root: Path) -> ListedRelease:
    """Describe one release."""
    folder = folder.resolve()
    promoted = {alias: entry for alias, entry in aliases(root).items() if f"v{entry.version}" == folder.name}
    names = tuple(sorted(promoted))
    try:
        entry = Entry(folder, Manifest.read(folder))
        held = Contents.of(entry.manifest.extra)
        selected = ModelMetadata.of_plain(entry.read(f"{held.selected}_metadata.json"))
    except (Damaged, OSError, KeyError, ValueError) as error:
        return ListedRelease(version=folder.name, folder=str(folder), aliases=names, damage=str(error))
    return ListedRelease(
        version=folder.name,
        folder=str(folder),
        aliases=tuple(_with_model(alias, promoted[alias].model, selected.model) for alias in names),
        created=entry.manifest.created,
        models=held.models,
        selected=selected,
        parent=held.parent,
    )


def _with_model(alias: str, promoted: str, selected: str) -> str:
    return alias if promoted in ("", selected) else f"{alias}:{promoted}"


def differences(before: Bundle, after: Bundle) -> list[tuple[str, str, str]]:
    """What differs between two releases: name, one value, the other value."""
    one, other = before.metadata, after.metadata
    rows = [
        ("model", one.model, other.model),
        ("threshold", f"{one.threshold:g}", f"{other.threshold:g}"),
        ("columns", ", ".join(one.columns), ", ".join(other.columns)),
        ("data", one.data.sha256[:12], other.data.sha256[:12]),
        ("trained", one.trained, other.trained),
    ]
    for name in SHOWN:
        scores = [about.metrics.get(name) for about in (one, other)]
        texts = ["" if score is None or score.value is None else f"{score.value:.4f}" for score in scores]
        rows.append((name, *texts))  # type: ignore[arg-type]  # two texts
    return [row for row in rows if row[1] != row[2]]


def first_rows(source: str) -> pa.Table:
    """The first rows of a source, as text where it has no types."""
    import tempfile

    import pyarrow as pa

    from phishcli.sources.locate import locate
    from phishcli.sources.source import Reading
    from phishcli.sources.streamed import streamed

    with tempfile.TemporaryDirectory() as copies, streamed(locate(source, cache=Path(copies)), Reading()) as rows:
        batches, n = [], 0
        for batch in rows.batches:
            batches.append(batch)
            n += batch.num_rows
            if n >= FIRST:
                break
        return pa.Table.from_batches(batches, rows.schema).slice(0, FIRST)


def predictions_of(sha256: str, log: Path) -> dict[str, Any]:
    """Count the predictions of a bundle in a prediction log, and name the files that hold them.

    Raises
    ------
    PersistError
        When there is no such log.
    """
    import pyarrow.compute as pc
    from pyarrow import parquet

    if not log.exists():
        raise PersistError("There is no prediction log", where=str(log))
    rows, files = 0, []
    for path in sorted([log] if log.is_file() else log.rglob("*.parquet")):
        if "bundle_sha256" not in parquet.read_schema(path).names:
            continue
        column = parquet.read_table(path, columns=["bundle_sha256"]).column(0)
        if number := pc.sum(pc.equal(column, sha256)).as_py():
            rows += number
            files.append(str(path))
    return {"bundle_sha256": sha256, "rows": rows, "files": files}
