"""The warnings of each fit, where several run in threads of one process."""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

WITHOUT_FILTERS = "`sklearn.utils.parallel.delayed` should be used with"
"""How scikit-learn begins a warning about missing warning filters; it says nothing about a fit."""
_module: Any = warnings
"""With the attribute that decides where no filter does, which type checkers do not know."""


class WarningRecorder:
    """Records the warnings of each thread separately.

    ``warnings.catch_warnings`` changes global state, so that threads undo each other's. Here it is entered once, around
    all fits, and the function that shows a warning, which is called in the thread that gave it, records it by thread.
    The ``catch_warnings`` blocks inside the libraries' fits end before that. Most only add filters for categories of
    their own; those around scikit-learn's parallel functions also remove all filters for a moment, and two of them that
    overlap can leave none at all. Then `warnings.defaultaction` decides, so it is set to the same.
    """

    def __init__(self) -> None:
        self._local = threading.local()
        self._catch = warnings.catch_warnings()

    def __enter__(self) -> Self:
        self._catch.__enter__()
        warnings.simplefilter("always")
        self._default, _module.defaultaction = _module.defaultaction, "always"
        self._show, warnings.showwarning = warnings.showwarning, self._record
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._catch.__exit__(kind, error, trace)
        _module.defaultaction = self._default

    def start(self) -> None:
        """Begin to record in this thread."""
        self._local.lines = []

    def stop(self) -> tuple[str, ...]:
        """Give what was recorded in this thread since `start`."""
        lines: list[str] = self._local.lines
        del self._local.lines
        return tuple(dict.fromkeys(lines))

    def _record(self, message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if str(message).startswith(WITHOUT_FILTERS):
            return
        if not hasattr(self._local, "lines"):
            self._show(message, category, *place, **more)
            return
        line = str(message).strip().partition("\n")[0].rstrip(" :")
        self._local.lines.append(f"{category.__name__}: {line}")
