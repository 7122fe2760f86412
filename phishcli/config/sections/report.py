"""``report``: what the report shows."""

from pydantic import Field

from phishcli.config.sections.section import Section


class ReportConfig(Section):
    """What the report shows."""

    title: str = Field(default="Phishing detection", title="headline of the report")
    charts: bool = Field(default=True, title="draw charts (needs the charts extra)")
    figures: bool = Field(default=False, title="also write the charts as SVG and PNG files")
