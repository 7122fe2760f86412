"""The address of files in a store: ``s3://``, ``gs://`` and ``az://``, with options behind a ``?``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from glob import has_magic
from urllib.parse import parse_qsl

import msgspec

from phishcli.address import shown
from phishcli.errors import DataError

AZURE = ("az", "abfs", "abfss")
OPTIONS = ("region", "endpoint_override", "scheme", "anonymous")
_OPTIONS = re.compile(rf"\?((?:{'|'.join(OPTIONS)})=[^?/*]*)$")


class Address(msgspec.Struct, frozen=True):
    """``s3://bucket/path?region=eu-west-1``, parsed."""

    scheme: str
    path: str
    options: Mapping[str, str]

    @classmethod
    def of(cls, url: str) -> Address:
        """Parse an address; a ``?`` that no option follows belongs to a pattern.

        Raises
        ------
        DataError
            When it names no bucket, or holds keys, which belong into the environment.
        """
        scheme, _, rest = url.partition("://")
        found = _OPTIONS.search(rest)
        bucket, mark, path = (rest[: found.start()] if found else rest).strip("/").partition("/")
        options = dict(parse_qsl(found[1])) if found else {}
        if scheme.lower() in AZURE and "@" in bucket:
            bucket, _, host = bucket.partition("@")
            options["account"] = host.partition(".")[0]
        if not bucket or "@" in bucket or has_magic(bucket):
            raise DataError(
                "The address names no bucket." if "@" not in bucket else "Keys do not belong in the address.",
                where=shown(url),
                hint="Write s3://bucket/path; keys come from the environment (AWS_ACCESS_KEY_ID, AWS_PROFILE).",
            )
        return cls(scheme.lower(), f"{bucket}{mark}{path}", options)

    @property
    def is_pattern(self) -> bool:
        """Whether it names files by a pattern."""
        return has_magic(self.path)

    @property
    def base(self) -> str:
        """The deepest folder that all names begin with."""
        parts = self.path.split("/")
        return "/".join(parts[: next((at for at, part in enumerate(parts) if has_magic(part)), len(parts))])
