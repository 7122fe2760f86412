"""A packed source as a plain file, within limits."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.errors import DataError
from phishcli.events import OnEvent, Progress
from phishcli.sources.packings import content_of

if TYPE_CHECKING:
    from phishcli.config.schema import LimitsConfig

CHUNK_BYTES = 1 << 20
HARMLESS_BYTES = 128 * 2**20
"""Up to here a file may be as well compressed as it likes."""


@contextmanager
def scratch_folder(cache: Path | None) -> Iterator[Path]:
    """Give a folder for files that a reader needs for a while, beside the copies of sources if there is a place."""
    if cache is None:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
    else:
        from phishcli.sources.cached import unfinished

        with unfinished(cache) as folder:
            yield folder


def unpack(path: Path, folder: Path, limits: LimitsConfig, on_event: OnEvent) -> Path:
    """Write what is in a packed file to a folder.

    Raises
    ------
    DataError
        If it is damaged, or larger than the limits allow; nothing is left behind then.
    """
    packed = path.stat().st_size
    done = 0
    with content_of(path) as content:
        target = folder / (Path(content.name).name or "data")
        try:
            with target.open("wb") as file:
                while chunk := content.file.read(CHUNK_BYTES):
                    done += len(chunk)
                    check_unpacked(path, packed, done, limits)
                    file.write(chunk)
                    on_event(Progress(f"unpack {path.name}", done, None, "bytes"))
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    return target


def check_unpacked(path: Path, packed: int, done: int, limits: LimitsConfig) -> None:
    """Refuse what unpacks to too many bytes, or to far more than tables do.

    Raises
    ------
    DataError
        When ``done`` bytes of a file of ``packed`` bytes are beyond a limit.
    """
    if done > limits.decompressed:
        raise DataError(
            f"The file holds more than {limits.decompressed:,} bytes when unpacked.",
            where=str(path),
            hint=f"If that is expected: --set load.limits.decompressed={4 * limits.decompressed}",
        )
    if done > HARMLESS_BYTES and done > limits.ratio * packed:
        raise DataError(
            f"The file unpacks to more than {limits.ratio:g} times its size ({packed:,} bytes), which tables do not.",
            where=str(path),
            hint=f"If that is expected: --set load.limits.ratio={max(2000, 10 * limits.ratio):g}",
        )
