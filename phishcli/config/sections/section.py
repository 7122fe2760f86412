"""What every section of the configuration is: frozen, and closed to keys it does not know."""

from typing import Self

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the configuration: frozen, and closed to keys it does not know.

    The validators are built when the first configuration is read, once for the whole tree: a third of the cost.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def only(self, *names: str) -> Self:
        """Copy the section with these fields alone; reading any other raises `AttributeError`."""
        return self.without(*(type(self).model_fields.keys() - set(names)))

    def without(self, *names: str) -> Self:
        """Copy the section without these fields; reading one of them raises `AttributeError`."""
        cut = self.model_copy()
        for name in names:
            del cut.__dict__[name]
        return cut
