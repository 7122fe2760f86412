"""``persist``: whether run-all ends with a release."""

from pydantic import Field

from phishcli.config.sections.section import Section


class PersistConfig(Section):
    """Whether run-all ends with a release."""

    enabled: bool = Field(default=False, title="write a release at the end of run-all")
    only_selected: bool = Field(default=False, title="release only the selected model")
