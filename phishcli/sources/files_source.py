"""Many files as one table, one after the other in the order of their names."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from phishcli.errors import DataError
from phishcli.events import Notice, OnEvent, ignore
from phishcli.sources.file_source import FileSource
from phishcli.sources.hashes import check_hash
from phishcli.sources.partitions import Keys, column, keys_of, types_of
from phishcli.sources.source import Batches, Reading
from phishcli.wording import counted, listed

if TYPE_CHECKING:
    import pyarrow as pa

TEXT = "csv"


class FilesSource(msgspec.Struct, frozen=True):
    """Files with the same columns.

    ``names`` are their names below the folder or the bucket that the user named, with slashes; folders such as
    ``day=2026-01-31`` in them give a column ``day``. ``kept`` are further files in the cache that belong to it.
    """

    parts: tuple[FileSource, ...]
    names: tuple[str, ...]
    sha256: str
    origin: str
    synthetic: bool = False
    kept: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """All files."""
        return (*(part.path for part in self.parts), *self.kept)

    def read(self, asked: Reading | None = None, *, on_event: OnEvent = ignore) -> Batches:
        """Read the rows of all files, one after the other; see `Source.read`.

        Text files get their types by the values of all of them; numbers of other files that are whole in some and
        fractions in others become float64.
        """
        asked = asked or Reading()
        if self.parts[0].format == TEXT and asked.typed:
            return self._typed(asked, on_event)
        return self._joined([part.read(asked, on_event=on_event) for part in self.parts], on_event)

    def stream(self, asked: Reading, *, on_event: OnEvent = ignore) -> Batches:
        """Read the rows as they come; what has to be unpacked or rewritten lasts as long as ``asked.scratch``."""
        return self._joined(list(self._streams(asked, on_event)), on_event)

    def _streams(self, asked: Reading, on_event: OnEvent) -> Iterator[Batches]:
        for number, part in enumerate(self.parts):
            folder = (asked.scratch or Path()) / f"part-{number}"
            folder.mkdir()
            own = msgspec.structs.replace(asked, scratch=folder, coded=frozenset())  # other files may have other types
            yield part.stream(own, on_event=on_event)

    def _joined(self, opened: Sequence[Batches], on_event: OnEvent) -> Batches:
        from phishcli.sources.files_schema import common_schema

        keys = [keys_of(name) for name in self.names]
        types = {} if self.parts[0].format == TEXT else types_of(keys)
        schemas = [_with_keys(each.schema, found, types) for each, found in zip(opened, keys, strict=True)]
        schema = common_schema(schemas, [part.path for part in self.parts], self.names)
        if twice := sorted(set(keys[0]) & set(opened[0].schema.names)):
            on_event(
                Notice(
                    f"{listed(twice)}: the values in the names of the folders replace those in the files.", when="end"
                )
            )
        rows = [each.rows for each in opened]
        known = sum(each for each in rows if each is not None) if None not in rows else None
        return Batches(schema, self._batches(opened, keys, schema), None, opened[0].missing_words, known)

    def _batches(self, opened: Sequence[Batches], keys: Sequence[Keys], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for each, found, name in zip(opened, keys, self.names, strict=True):
            for batch in each.batches:
                columns = dict(zip(batch.schema.names, batch.columns, strict=True))
                more = {key: column(value, batch.num_rows, schema.field(key).type) for key, value in found.items()}
                cast = [_cast((columns | more)[field.name], field, name) for field in schema]
                yield pa.RecordBatch.from_arrays(cast, schema=schema)

    def _typed(self, asked: Reading, on_event: OnEvent) -> Batches:
        """Put the texts of all files into one, so that the type of a column follows from all of its values."""
        from pyarrow import csv

        from phishcli.sources.readers.csv_reader import missing_words, read_csv
        from phishcli.sources.unpacked import scratch_folder

        with scratch_folder(self.parts[0].scratch) as folder:
            texts = self.stream(msgspec.structs.replace(asked, typed=False, scratch=folder), on_event=on_event)
            together = folder / "together.csv"
            with csv.CSVWriter(together, texts.schema) as writer:
                for batch in texts.batches:
                    writer.write_batch(batch)
            plain = asked.csv.model_copy(update={"delimiter": ",", "header": True, "names": (), "encoding": "utf-8"})
            plain = plain.model_copy(update={"skip_rows": 0, "comment": None})
            data = read_csv(together, msgspec.structs.replace(asked, csv=plain, scratch=folder), on_event=on_event)
        return Batches.of(data, missing_words=missing_words(asked.csv))


def joined(
    parts: Sequence[FileSource], names: Sequence[str], origin: str, sha256: str | None, kept: Sequence[Path] = ()
) -> FilesSource:
    """Take files as one table; it is identified by their names and contents.

    Raises
    ------
    DataError
        When they are of several formats, or not the ones that ``sha256`` promises.
    """
    _check_formats(parts, origin)
    lines = "\n".join(f"{name} {part.sha256}" for name, part in zip(names, parts, strict=True))
    digest = hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
    check_hash(digest, sha256, origin)
    return FilesSource(tuple(parts), tuple(names), digest, origin, kept=tuple(kept))


def _check_formats(parts: Sequence[FileSource], origin: str) -> None:
    kinds = Counter(part.format for part in parts)
    if len(kinds) > 1:
        shown = ", ".join(f"{counted(number, 'file')} of {kind}" for kind, number in kinds.items())
        raise DataError(
            f"The files are of several formats: {shown}.",
            where=origin,
            hint="Name those of one format with a pattern, such as 'data/*.csv'.",
        )


def _with_keys(schema: pa.Schema, keys: Keys, types: dict[str, pa.DataType]) -> pa.Schema:
    import pyarrow as pa

    fields = [field for field in schema if field.name not in keys]
    return pa.schema([*fields, *(pa.field(key, types.get(key, pa.string())) for key in keys)])


def _cast(values: pa.Array, field: pa.Field, name: str) -> pa.Array:
    import pyarrow as pa

    if values.type == field.type:
        return values
    if values.null_count == len(values):
        return pa.nulls(len(values), field.type)
    try:
        return values.cast(field.type)
    except pa.ArrowInvalid as error:
        raise DataError(
            f"Column {field.name!r} holds {values.type}, which {field.type} of other files cannot hold: {error}.",
            where=name,
            hint=f"Write the column with one type, or leave it out with --drop {field.name}.",
        ) from error
