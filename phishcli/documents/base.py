"""What every document is: a frozen structure with a format number, read strictly, written as plain JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self, TypeVar

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A piece of a document. Fields keep their order on disk; a field that may be missing has a default."""


class Document(Part, frozen=True, kw_only=True):
    """A file that stages pass on.

    ``FORMAT`` is bumped when the meaning of a field changes. Artifacts of the cache carry it in their fingerprint (a
    stage's version), so that they are never misread; documents that outlive a version (releases, runs) give `upgrade`
    a reading of the older formats.
    """

    FORMAT: ClassVar[int] = 1

    @classmethod
    def upgrade(cls, plain: Mapping[str, Any], written: int) -> Mapping[str, Any]:  # noqa: ARG003 (for those that do)
        """Bring the plain values of an older format into the present one; the default knows none.

        Raises
        ------
        ValueError
            When the format is not known.
        """
        raise ValueError(f"{cls.__name__} has format {written}; this version reads {cls.FORMAT}")

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Read a document from plain values.

        Raises
        ------
        ValueError
            When a field is missing, unknown or of another type, or the format is not known.
        """
        given = dict(plain)
        written = given.pop("format", 1)
        if written != cls.FORMAT:
            given = dict(cls.upgrade(given, written))
        return msgspec.convert(given, cls)

    def to_plain(self) -> dict[str, Any]:
        """The document as values of JSON, with its format number first."""
        return {"format": self.FORMAT, **plain_of(self)}


def plain_of(part: Part | Mapping[str, Any] | list[Any]) -> Any:
    """A piece of a document as values of JSON."""
    return msgspec.to_builtins(part)


P = TypeVar("P", bound=Part)


def recast(kind: type[P], given: object, /, **more: Any) -> P:
    """Make a piece of a document from something that has its fields, but for those in ``more``."""
    names = [name for name in kind.__struct_fields__ if name not in more]
    return kind(**{name: getattr(given, name) for name in names}, **more)
