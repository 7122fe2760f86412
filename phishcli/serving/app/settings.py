"""The settings of the service: its bounds, its keys, how much it writes."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from phishcli.errors import ConfigError

KEYS = "PHISH_API_KEYS"
"""The environment variable with keys, separated by blanks or commas."""


@dataclass(frozen=True)
class Keys:
    """Keys that clients may show; only their hashes are kept."""

    digests: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, keys: Iterable[str]) -> Keys:
        """Take keys as they are written."""
        return cls(tuple(sha256(key.encode()).digest() for key in keys))

    @classmethod
    def read(cls, file: Path | None, environment: Mapping[str, str] = os.environ) -> Keys:
        """Read the keys of a file (one per line, ``#`` starts a comment) and of the environment.

        Raises
        ------
        ConfigError
            When the file cannot be read, or holds no key.
        """
        keys = environment.get(KEYS, "").replace(",", " ").split()
        if file is not None:
            try:
                lines = [line.partition("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
            except (OSError, ValueError) as error:
                raise ConfigError("The file with the API keys cannot be read", where=str(file)) from error
            keys += filter(None, lines)
            if not keys:
                raise ConfigError(
                    "The file with the API keys holds none", where=str(file), hint="Write one key per line"
                )
        return cls.of(keys)

    def allow(self, shown: str | None) -> bool:
        """Whether a client may go on; every key is compared, in constant time."""
        if not self.digests:
            return True
        digest = sha256((shown or "").encode("utf-8", "surrogateescape")).digest()
        return sum(hmac.compare_digest(digest, known) for known in self.digests) > 0


@dataclass(frozen=True)
class ServeSettings:
    """The bounds of the service.

    Parameters
    ----------
    max_body
        Maximum request body, in bytes.
    max_rows
        Maximum rows per request.
    max_in_flight
        Requests at work at the same time; others get 503.
    deadline_ms
        Time for an answer where the request names none; None: no limit.
    body_seconds
        Time for a client to send its body.
    keys_file
        Where the API keys stand; the environment has more.
    access_log
        Whether each request becomes a line of JSON on standard error; it holds no values of features.
    """

    max_body: int = 8_000_000
    max_rows: int = 10_000
    max_in_flight: int = 64
    deadline_ms: float | None = None
    body_seconds: float = 10.0
    keys_file: Path | None = None
    access_log: bool = True
    keys: Keys = field(default_factory=Keys)
