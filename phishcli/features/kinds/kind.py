"""What a kind of column declares: how its values are recognized, and what can be derived from each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from phishcli.features.ngrams import Grams

if TYPE_CHECKING:
    import pyarrow as pa

PartRole = Literal["numeric", "categorical", "high_cardinality"]
PartValue = float | str | None


@dataclass(frozen=True)
class Part:
    """One column that is derived from each value.

    ``name`` follows that of the column: ``host.entropy`` of ``url`` is ``url.host.entropy``. ``title`` says in plain
    words what it is, to be followed by "of" and the name of the column.
    """

    name: str
    title: str
    role: PartRole = "numeric"


@dataclass(frozen=True)
class Kind:
    """One kind of column.

    Parameters
    ----------
    name
        As in ``load.roles``: ``url``.
    title
        What the values are, in the plural.
    parts
        What is derived, in the order that ``derive`` gives it.
    derive
        ``derive(text, form)`` gives the parts of one value that is not missing: numbers (NaN: it has none) and texts
        (None: it has none). It looks nothing up and never fails.
    recognize
        ``recognize(distinct)`` says whether texts, all different and none missing, are of this kind.
    form
        ``form(distinct)`` finds how the texts are written, for ``derive``; None where there is one way only, or where
        it cannot be determined.
    needs_form
        Whether nothing can be derived without it.
    grams
        The n-grams of which a score is learned; None where the texts themselves say nothing more.
    rank
        Kinds of a lower rank are tried first.
    """

    name: str
    title: str
    parts: tuple[Part, ...]
    derive: Callable[[str, str | None], Sequence[PartValue]]
    recognize: Callable[[pa.Array], bool]
    form: Callable[[pa.Array], str | None] = lambda _: None
    needs_form: bool = False
    grams: Grams | None = None
    rank: int = 0
