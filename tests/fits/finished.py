"""Fits made on a backend, and what came of each: for the tests of one backend and of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from phishcli.fits.backends import Backend, Finished
from phishcli.fits.task import FitResult, FitTask, FoldFit


def finish_all(backend: Backend, tasks: Mapping[int, FitTask]) -> dict[int, tuple[FitResult, ...]]:
    """Submit tasks and wait for all of them; gives the results of each."""
    for key, task in tasks.items():
        backend.submit(key, task)
    found = {}
    for _ in tasks:
        ended = backend.next()
        assert isinstance(ended, Finished)
        assert ended.key not in found
        found[ended.key] = ended.results
    return found


def finish(backend: Backend, tasks: Mapping[int, FitTask]) -> dict[int, FitResult]:
    """Submit tasks and wait for all of them; gives the only result of each."""
    return {key: result for key, (result,) in finish_all(backend, tasks).items()}


def fitted(open_backend: Callable[[int], Any], tasks: Mapping[int, FitTask], slots: int = 1) -> dict[int, FitResult]:
    """Make fits on a backend of their own; gives the only result of each."""
    with closing(open_backend(slots)) as backend:
        return finish(backend, tasks)


def fold_fit(result: FitResult) -> FoldFit:
    """The fit of a fold, which has not failed."""
    assert isinstance(result.value, FoldFit), result
    return result.value
