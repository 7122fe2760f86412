"""Many files as one table: a pattern (``data/day=*/part-*.parquet``) or a folder of files of one format."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from phishcli.errors import DataError
from phishcli.events import OnEvent, ignore
from phishcli.sources.file_source import FileSource, open_file
from phishcli.sources.kinds import SourceKind
from phishcli.sources.source import Batches, Reading, Request
from phishcli.wording import bounded, counted

if TYPE_CHECKING:
    import pyarrow as pa

TEXT = "csv"
WORDS = ("sample", "-")
"""What names another kind of source, even beside a folder of that name."""
IGNORED = (".", "_")
"""How names of files and folders begin that other programs leave beside data."""
UNKNOWN = "__HIVE_DEFAULT_PARTITION__"
"""How a partition without a value is named."""


class FilesSource(msgspec.Struct, frozen=True):
    """Files with the same columns, in the order of their names; ``base`` is the folder that their names begin below.

    Folders named ``day=2026-01-31`` give the column ``day``.
    """

    parts: tuple[FileSource, ...]
    base: Path
    sha256: str
    origin: str
    synthetic: bool = False

    @property
    def files(self) -> tuple[Path, ...]:
        """All files."""
        return tuple(part.path for part in self.parts)

    def read(self, asked: Reading | None = None, *, on_event: OnEvent = ignore) -> Batches:
        """Read the rows of all files, one after the other; see `Source.read`.

        Text files get their types by the values of all of them; numbers of other files that are whole in some and
        fractions in others become float64.
        """
        asked = asked or Reading()
        if self.parts[0].format == TEXT and asked.typed:
            return self._typed(asked, on_event)
        opened = [part.read(asked, on_event=on_event) for part in self.parts]
        keys = _keys(self.parts, self.base)
        schemas = [_with_keys(each.schema, found) for each, found in zip(opened, keys, strict=True)]
        schema = _common(schemas, self.parts)
        rows = [each.rows for each in opened]
        known = sum(each for each in rows if each is not None) if None not in rows else None
        return Batches(schema, _batches(opened, keys, schema), None, opened[0].missing_words, known)

    def _typed(self, asked: Reading, on_event: OnEvent) -> Batches:
        """Put the texts of all files into one, so that the type of a column follows from all of its values."""
        from pyarrow import csv

        from phishcli.sources.readers.csv_reader import missing_words, read_csv
        from phishcli.sources.unpacked import scratch_folder

        with scratch_folder(self.parts[0].scratch) as folder:
            texts = self.read(msgspec.structs.replace(asked, typed=False, scratch=folder), on_event=on_event)
            together = folder / "together.csv"
            with csv.CSVWriter(together, texts.schema) as writer:
                for batch in texts.batches:
                    writer.write_batch(batch)
            plain = asked.csv.model_copy(update={"delimiter": ",", "header": True, "names": (), "encoding": "utf-8"})
            plain = plain.model_copy(update={"skip_rows": 0, "comment": None})
            data = read_csv(together, msgspec.structs.replace(asked, csv=plain, scratch=folder), on_event=on_event)
        return Batches.of(data, missing_words=missing_words(asked.csv))


def _batches(
    opened: Sequence[Batches], keys: Sequence[dict[str, str | None]], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for each, found in zip(opened, keys, strict=True):
        for batch in each.batches:
            more = {key: pa.array([value] * batch.num_rows, pa.string()) for key, value in found.items()}
            columns = {**dict(zip(batch.schema.names, batch.columns, strict=True)), **more}
            cast = [columns[field.name].cast(field.type) for field in schema]
            yield pa.RecordBatch.from_arrays(cast, schema=schema)


def _with_keys(schema: pa.Schema, keys: dict[str, str | None]) -> pa.Schema:
    import pyarrow as pa

    fields = [field for field in schema if field.name not in keys]
    return pa.schema([*fields, *(pa.field(key, pa.string()) for key in keys)])


def _keys(parts: Sequence[FileSource], base: Path) -> list[dict[str, str | None]]:
    """What the names of the folders say of each file."""
    found = []
    for part in parts:
        folders = part.path.relative_to(base).parts[:-1]
        pairs = (name.partition("=") for name in folders if "=" in name.strip("="))
        found.append({key: None if value == UNKNOWN else value for key, _, value in pairs})
    return found


def _common(schemas: Sequence[pa.Schema], parts: Sequence[FileSource]) -> pa.Schema:
    """The types that hold the values of all files.

    Raises
    ------
    DataError
        When a file has other columns than the first one, or values that no type holds together with those before.
    """
    import pyarrow as pa

    first = schemas[0]
    for schema, part in zip(schemas, parts, strict=True):
        lacking, more = set(first.names) - set(schema.names), set(schema.names) - set(first.names)
        if lacking or more:
            says = [f"lacks {bounded(sorted(lacking))}"] if lacking else []
            says += [f"has {bounded(sorted(more))} beside them"] if more else []
            raise DataError(
                f"The files hold different columns: {part.path.name} {' and '.join(says)}.",
                where=f"{part.path}, against {parts[0].path}",
                hint="Name files of one table with a pattern, such as 'data/part-*.parquet'.",
            )
    try:
        return pa.unify_schemas(schemas, promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
        raise DataError(
            f"A column holds other kinds of values in other files: {error}.",
            where=str(parts[0].path.parent),
            hint="Write it with one type, or leave files out with a pattern.",
        ) from error


def matches(source: str) -> bool:
    """Whether it is a pattern that is no file itself, or a folder."""
    if "://" in source or source in WORDS:
        return False
    path = os.path.expanduser(source)  # noqa: PTH111 - Path.expanduser fails on an unknown user
    return (has_magic(path) and not os.path.exists(path)) or os.path.isdir(path)  # noqa: PTH110, PTH112 (never raise)


def locate(request: Request) -> FilesSource:
    """Find and hash the files."""
    pattern = os.path.expanduser(request.source)  # noqa: PTH111
    base = _base(pattern)
    paths = sorted(_found(pattern), key=lambda path: path.relative_to(base).parts)
    if not paths:
        what = "There is no file of that pattern." if has_magic(pattern) else "The folder holds no file."
        raise DataError(
            what, where=str(Path(pattern).absolute()), hint="Check the path; quote a pattern: 'data/*.csv'."
        )
    plain = msgspec.structs.replace(request, sha256=None)
    parts = [open_file(path, plain) for path in paths]
    _check_formats(parts)
    names = "\n".join(f"{part.path.relative_to(base).as_posix()} {part.sha256}" for part in parts)
    digest = hashlib.sha256(names.encode("utf-8", "surrogateescape")).hexdigest()
    from phishcli.sources.hashes import check_hash

    check_hash(digest, request.sha256, request.source)
    return FilesSource(tuple(parts), base, digest, request.source)


def _base(pattern: str) -> Path:
    """The deepest folder that all names begin with."""
    parts = Path(pattern).parts
    fixed = next((at for at, part in enumerate(parts) if has_magic(part)), len(parts))
    return Path(*parts[:fixed]) if fixed else Path()


def _found(pattern: str) -> Iterator[Path]:
    if has_magic(pattern):
        yield from (path for path in map(Path, glob(pattern, recursive=True)) if path.is_file())  # noqa: PTH207 (a pattern may be absolute)
        return
    for folder, folders, names in os.walk(pattern):
        folders[:] = [name for name in folders if not name.startswith(IGNORED)]
        yield from (Path(folder) / name for name in names if not name.startswith(IGNORED))


def _check_formats(parts: Sequence[FileSource]) -> None:
    kinds = Counter(part.format for part in parts)
    if len(kinds) > 1:
        shown = ", ".join(f"{counted(number, 'file')} of {kind}" for kind, number in kinds.items())
        raise DataError(
            f"The files are of several formats: {shown}.",
            where=str(parts[0].path.parent),
            hint="Name those of one format with a pattern, such as 'data/*.csv'.",
        )


KIND = SourceKind(matches=matches, locate=locate, locate_offline=locate)
