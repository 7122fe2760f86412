"""The configuration: one frozen, closed section per stage, and ``run`` for what never changes a result."""

from __future__ import annotations

from pydantic import Field

from phishcli.address import shown
from phishcli.config.sections.audit import AuditConfig
from phishcli.config.sections.evaluate import EvaluateConfig
from phishcli.config.sections.evasion import EvasionConfig, Mutable
from phishcli.config.sections.load import CleanConfig, CsvConfig, LimitsConfig, LoadConfig, RoleName
from phishcli.config.sections.operation import OperationConfig
from phishcli.config.sections.persist import PersistConfig
from phishcli.config.sections.preprocess import ModelPreprocessConfig, PreprocessConfig, SplitConfig
from phishcli.config.sections.report import ReportConfig
from phishcli.config.sections.rules import CostRatio, MaxFpr, MinRecall
from phishcli.config.sections.run import RunConfig
from phishcli.config.sections.section import Section
from phishcli.config.sections.train import EnsembleConfig, EnsembleMethod, TrainConfig, TuneConfig
from phishcli.config.sections.values import MetricName
from phishcli.config.sections.verdicts import VerdictsConfig

__all__ = [
    "AuditConfig",
    "CleanConfig",
    "Config",
    "CostRatio",
    "CsvConfig",
    "EnsembleConfig",
    "EnsembleMethod",
    "EvaluateConfig",
    "EvasionConfig",
    "LimitsConfig",
    "LoadConfig",
    "MaxFpr",
    "MetricName",
    "MinRecall",
    "ModelPreprocessConfig",
    "Mutable",
    "OperationConfig",
    "PersistConfig",
    "PreprocessConfig",
    "ReportConfig",
    "RoleName",
    "RunConfig",
    "Section",
    "SplitConfig",
    "TrainConfig",
    "TuneConfig",
    "VerdictsConfig",
]


class Config(Section):
    """The whole configuration."""

    load: LoadConfig = Field(default_factory=LoadConfig, title="load")
    preprocess: PreprocessConfig = Field(default_factory=PreprocessConfig, title="preprocess")
    audit: AuditConfig = Field(default_factory=AuditConfig, title="audit")
    train: TrainConfig = Field(default_factory=TrainConfig, title="train")
    evaluate: EvaluateConfig = Field(default_factory=EvaluateConfig, title="evaluate")
    evasion: EvasionConfig = Field(default_factory=EvasionConfig, title="evasion")
    operation: OperationConfig = Field(default_factory=OperationConfig, title="operation")
    verdicts: VerdictsConfig = Field(default_factory=VerdictsConfig, title="verdicts")
    report: ReportConfig = Field(default_factory=ReportConfig, title="report")
    persist: PersistConfig = Field(default_factory=PersistConfig, title="persist")
    run: RunConfig = Field(default_factory=RunConfig, title="run")

    def without_secrets(self) -> Config:
        """Copy the configuration as it may be shown: no password or token in the address of the source."""
        load = self.load.model_copy(update={"source": shown(self.load.source)})
        return self.model_copy(update={"load": load})
