"""Attributes warnings to the fit that gave them, although fits run in several threads at once."""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

WITHOUT_FILTERS = "`sklearn.utils.parallel.delayed` should be used with"
"""What scikit-learn warns of where it finds no filter; it says nothing about a fit."""
_module: Any = warnings
"""With the attribute that decides where no filter does, which type checkers do not know."""


class Recorder:
    """Files the warnings of each thread.

    ``warnings.catch_warnings`` changes global state, so that threads undo each other's. Here it is entered once, around
    the whole pool, and the function that shows a warning, which is called in the thread that gave it, files it by
    thread. The ``catch_warnings`` blocks inside the libraries' fits end before the pool does. Most only add filters for
    categories of their own; those around scikit-learn's parallel functions also take all filters away for a moment, and
    two of them that cross can leave none at all. Then `warnings.defaultaction` decides, so it is set to the same.
    """

    def __init__(self) -> None:
        self._local = threading.local()
        self._guard = warnings.catch_warnings()

    def __enter__(self) -> Self:
        self._guard.__enter__()
        warnings.simplefilter("always")
        self._default, _module.defaultaction = _module.defaultaction, "always"
        self._show, warnings.showwarning = warnings.showwarning, self._file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._guard.__exit__(kind, error, trace)
        _module.defaultaction = self._default

    def start(self) -> None:
        """Begin a task in this thread."""
        self._local.found = []

    def stop(self) -> tuple[str, ...]:
        """End the task of this thread and say what it warned of."""
        found: list[str] = self._local.found
        del self._local.found
        return tuple(dict.fromkeys(found))

    def _file(self, message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if str(message).startswith(WITHOUT_FILTERS):
            return
        if not hasattr(self._local, "found"):
            self._show(message, category, *place, **more)
            return
        line = str(message).strip().partition("\n")[0].rstrip(" :")
        self._local.found.append(f"{category.__name__}: {line}")
