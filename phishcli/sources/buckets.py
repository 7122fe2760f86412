"""The store behind ``s3://``, ``gs://`` and ``az://`` addresses: its files, their versions, and copies of them."""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.address import shown
from phishcli.errors import DataError, first_line, system_error
from phishcli.events import Progress
from phishcli.sources.bucket_address import Address
from phishcli.sources.partitions import IGNORED
from phishcli.wording import bounded_text

if TYPE_CHECKING:
    from phishcli.sources.source import Request

CONNECT_SECONDS, ANSWER_SECONDS, ATTEMPTS = 10, 30, 3
CHUNK_BYTES = 1 << 20
MOST = 100_000
"""Files of one source at most."""
LINE = 240
"""Characters of what a library says."""
NOT_ALLOWED = re.compile(r"ACCESS_DENIED|ACCESS_KEY|SIGNATURE|TOKEN|credential|status 40[13]|forbidden", re.IGNORECASE)
NOWHERE = re.compile(r"NO_SUCH_BUCKET|does not exist|not found|HTTP status 404", re.IGNORECASE)


class Unreachable(DataError):
    """The store does not answer; an earlier copy may do."""


class Object(msgspec.Struct, frozen=True):
    """A file in a store: its path with the bucket, its name below what the user named, its size and its version."""

    path: str
    name: str
    size: int
    version: str


def opened(address: Address) -> Any:
    """Give the file system of an address; keys come from where the tools of the provider find them."""
    from pyarrow import fs

    if address.scheme == "s3":
        return _s3(address)
    if address.scheme in ("gs", "gcs"):
        from datetime import timedelta

        anonymous = _is_true(address.options.get("anonymous"))
        return fs.GcsFileSystem(anonymous=anonymous, retry_time_limit=timedelta(seconds=ATTEMPTS * CONNECT_SECONDS))
    account = address.options.get("account") or os.environ.get("AZURE_STORAGE_ACCOUNT")
    if not account:
        raise DataError(
            "The account of the store is not known.",
            where="AZURE_STORAGE_ACCOUNT",
            hint="Set it in the environment, and AZURE_STORAGE_KEY unless `az login` gives access.",
        )
    return fs.AzureFileSystem(account, account_key=os.environ.get("AZURE_STORAGE_KEY"))


def _s3(address: Address) -> Any:
    from pyarrow import fs

    get, env = address.options.get, os.environ.get
    endpoint = get("endpoint_override") or env("AWS_ENDPOINT_URL_S3") or env("AWS_ENDPOINT_URL") or ""
    scheme, mark, host = endpoint.rpartition("://")
    region = get("region") or env("AWS_REGION") or env("AWS_DEFAULT_REGION")
    if region is None and not endpoint:
        region = fs.resolve_s3_region(address.path.partition("/")[0])
    return fs.S3FileSystem(
        anonymous=_is_true(get("anonymous")),
        region=region,
        endpoint_override=host.rstrip("/") or None,
        scheme=get("scheme") or (scheme if mark else "https"),
        connect_timeout=CONNECT_SECONDS,
        request_timeout=ANSWER_SECONDS,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
    )


def _is_true(text: str | None) -> bool:
    return (text or "").lower() in ("1", "true", "yes")


def objects(store: Any, address: Address) -> list[Object]:
    """List the files that an address names, in the order of their names.

    Raises
    ------
    DataError
        When there are none, or more than `MOST`.
    """
    from pyarrow import fs

    one = None if address.is_pattern else store.get_file_info(address.path)
    if one is not None and one.type == fs.FileType.File:
        infos = [(one, address.path.rpartition("/")[2])]
    else:
        infos = sorted(_listed(store, address), key=lambda found: found[1].split("/"))
    if not infos:
        what = "No file matches that pattern" if address.is_pattern else "There is no such file or folder"
        raise DataError(f"{what}.", where=f"{address.scheme}://{address.path}", hint="Check the bucket and the path.")
    if len(infos) > MOST:
        raise DataError(f"The source has more than {MOST:,} files.", where=f"{address.scheme}://{address.path}")
    return _with_versions(store, infos)


def _listed(store: Any, address: Address) -> Iterator[tuple[Any, str]]:
    from pyarrow import fs

    base = address.base
    wanted = address.path.removeprefix(base).strip("/").split("/") if address.is_pattern else ["**"]
    deep = len(wanted) > 1 or "**" in wanted
    named = address.is_pattern and any(part.startswith(IGNORED) for part in wanted)
    for info in store.get_file_info(fs.FileSelector(base, recursive=deep, allow_not_found=True)):
        name = info.path.removeprefix(base).strip("/")
        hidden = not named and any(part.startswith(IGNORED) for part in name.split("/"))
        if info.type == fs.FileType.File and not hidden and fits(name.split("/"), wanted):
            yield info, name


def fits(names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the parts of a path fit those of a pattern, in which ``**`` stands for any folders.

    Examples
    --------
    >>> fits(["day=1", "a.csv"], ["day=*", "*.csv"]), fits(["x", "y", "a.csv"], ["**", "a.csv"]), fits(["a"], ["b"])
    (True, True, False)
    """
    if not wanted:
        return not names
    if wanted[0] == "**":
        rest = wanted[1:]
        return (not rest and bool(names)) or any(fits(names[at:], rest) for at in range(len(names)) if rest)
    return bool(names) and fnmatchcase(names[0], wanted[0]) and fits(names[1:], wanted[1:])


def _with_versions(store: Any, infos: Sequence[tuple[Any, str]]) -> list[Object]:
    from concurrent.futures import ThreadPoolExecutor

    def one(found: tuple[Any, str]) -> Object:
        info, name = found
        return Object(info.path, name, info.size, version_of(store, info.path) or f"{info.size} {info.mtime_ns}")

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, infos))


def version_of(store: Any, path: str) -> str | None:
    """What the store calls the present version of a file; None where it says nothing."""
    with store.open_input_stream(path) as stream:
        said = {key.lower(): value for key, value in (stream.metadata() or {}).items()}
    tag = said.get("etag")
    return tag.decode("latin-1") if isinstance(tag, bytes) else tag


def download(store: Any, wanted: Object, path: Path, request: Request) -> None:
    """Write a file of the store to this disk.

    Raises
    ------
    DataError
        When it takes too long, or is replaced meanwhile.
    """
    end, done = time.monotonic() + request.max_seconds, 0
    with store.open_input_stream(wanted.path) as stream, path.open("wb") as file:
        while chunk := stream.read(CHUNK_BYTES):
            file.write(chunk)
            done += len(chunk)
            request.on_event(Progress(wanted.name, done, wanted.size, "bytes"))
            if time.monotonic() > end:
                raise DataError(
                    f"The download was stopped: it takes more than {request.max_seconds:,.0f} seconds",
                    where=shown(request.source),
                    hint="If that is expected: --set run.max_download_time=2h",
                )
    present = version_of(store, wanted.path)
    if done != wanted.size or (present is not None and present != wanted.version):
        raise DataError(
            "The file was replaced while it was read.", where=wanted.path, hint="Run the command again later."
        )


def check_size(found: Sequence[Object], request: Request) -> None:
    """Raise `DataError` when files are larger together than a download may be."""
    size = sum(each.size for each in found)
    if size > request.max_bytes:
        raise DataError(
            f"The download was stopped: it is larger than {request.max_bytes:,} bytes",
            where=shown(request.source),
            hint=f"If that is expected: --set run.max_download={10 * size}",
        )


@contextmanager
def explained(request: Request) -> Iterator[None]:
    """Turn what the library of the provider raises into one message.

    Raises
    ------
    DataError
        When the store refuses; `Unreachable` when it does not answer.
    PersistError
        When the copy cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in (None, errno.ENOENT):
            raise system_error(error, "The download cannot be written", where=request.cache) from error
        raise _refused(first_line(error), request.source) from error


def _refused(line: str, url: str) -> DataError:
    what = f"The store cannot be read: {bounded_text(line, LINE)}."
    if NOWHERE.search(line):
        return DataError(what, where=shown(url), hint="Check the bucket and the path.")
    if NOT_ALLOWED.search(line):
        hint = "Check the keys in the environment (AWS_PROFILE, AWS_ACCESS_KEY_ID), or add ?anonymous=true."
        return DataError(what, where=shown(url), hint=hint)
    hint = "Check the network, the region (AWS_REGION) and the endpoint (AWS_ENDPOINT_URL)."
    return Unreachable(what, where=shown(url), hint=hint)
