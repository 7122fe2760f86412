"""A store in an empty folder, and artifacts to put into it."""

from __future__ import annotations

import locale
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from phishcli.artifacts import Entry, Output, Store, fingerprint

Publish = Callable[..., Entry]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".cache")


@pytest.fixture
def ascii_locale() -> Iterator[None]:
    """A locale in which texts are ASCII unless an encoding is named."""
    before = locale.setlocale(locale.LC_CTYPE)
    locale.setlocale(locale.LC_CTYPE, "C")
    yield
    locale.setlocale(locale.LC_CTYPE, before)


@pytest.fixture
def published(store: Store) -> Publish:
    """Publish an artifact of a step with one file; other parts make another one."""

    def publish(step: str = "load", text: str = "content", **parts: Any) -> Entry:
        output = Output({"notes.txt": text}, summary=f"{step}: {text}")
        with store.lock(step, fingerprint(step, parts)):  # as a run does
            return store.publish(step, parts, output, started=time.perf_counter(), packages={"pandas": "3.1.1"})

    return publish
