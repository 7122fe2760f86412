"""``audit``: which findings are known already."""

from typing import Annotated

from pydantic import Field, StringConstraints

from phishcli.config.sections.section import Section

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class AuditConfig(Section):
    """What the audit checks, and which findings are known already."""

    ignore: dict[str, Reason] = Field(default_factory=dict, title="findings to ignore: code or code:column -> why")
    gap: bool = Field(default=False, title="also score a default model on increasingly strict splits")
