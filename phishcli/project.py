"""A configuration brought to life: its source, its artifacts, its flow; for the command line and for notebooks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phishcli import graph, pipeline
from phishcli.artifacts import Workspace, export, exported
from phishcli.artifacts.runs import Runs
from phishcli.config import Config, load_config
from phishcli.events import Notice, OnEvent, ignore
from phishcli.execute import Bench, Executor
from phishcli.plan import Decision, plan
from phishcli.sources.locate import locate, locate_offline

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.artifacts import Entry
    from phishcli.documents.selection import Selection
    from phishcli.serving.bundle import Bundle

SYNTHETIC = "synthetic; for your own data: --source FILE --target COLUMN --positive-label LABEL"
DEFAULT_GOALS = ("report",)


@dataclass(frozen=True, repr=False)
class Run:
    """What a run leaves behind, to be looked at in Python."""

    outcome: pipeline.Outcome
    results: Path

    def __repr__(self) -> str:
        done = self.outcome
        return f"Run({done.source.origin}, {len(done.entries)} steps, {len(done.executed)} executed)"

    @property
    def selection(self) -> Selection:
        """``selection.json``: the selected model, why, and the table of all scores."""
        from phishcli.documents.selection import Selection

        return Selection.of_plain(self.outcome.read("evaluate", "selection.json"))

    @property
    def comparison(self) -> pd.DataFrame:
        """``results.parquet``: one row per model and metric, with its interval."""
        frame: pd.DataFrame = self.outcome.read("evaluate", "results.parquet")
        return frame

    def read(self, step: str, name: str) -> Any:
        """Read any artifact: ``run.read("train/XGBoost", "oof.parquet")``."""
        return self.outcome.read(step, name)

    def bundle(self, model: str | None = None) -> Bundle:
        """Open the release that this run made; needs ``run("persist")``."""
        from phishcli.serving.bundle import load_bundle

        return load_bundle(self.outcome.entries["persist"].folder, model)


@dataclass(frozen=True)
class Project:
    """The pipeline of one configuration.

    Examples
    --------
    >>> from phishcli import Project
    >>> project = Project.of({"load.source": "sites.csv", "load.target": "label", "load.positive_label": 0})
    >>> run = project.run()
    >>> run.selection.rationale
    """

    config: Config

    @classmethod
    def of(cls, settings: Mapping[str, Any] | None = None, *, file: str | Path | None = None) -> Project:
        """Make a project from dotted settings, on top of a YAML file or of the defaults.

        Raises
        ------
        ConfigError
            When a key does not exist or a value does not fit.
        """
        overrides = {key: (value, "settings") for key, value in (settings or {}).items()}
        return cls(load_config(Path(file) if file else None, overrides=overrides).config)

    @cached_property
    def workspace(self) -> Workspace:
        """Where the artifacts lie."""
        return Workspace.at(Path(self.config.run.cache_dir), self.results)

    @property
    def results(self) -> Path:
        """The folder of reports and releases."""
        return Path(self.config.run.results_dir)

    def steps(self, *goals: str) -> list[str]:
        """Name the steps that lead to the goals (``report`` by default), in order."""
        return [step.name for step in graph.needed(graph.steps(self.config), goals or DEFAULT_GOALS)]

    def plan(self, *goals: str) -> list[Decision]:
        """Decide what a run would do, without doing any of it; nothing is downloaded either."""
        source = locate_offline(**self._where)
        steps = graph.needed(graph.steps(self.config, source), goals or DEFAULT_GOALS)
        return plan(steps, self.workspace)

    def results_are_of_another_run(self, decisions: list[Decision]) -> bool:
        """Whether the report of a plan is fresh, but not the one that lies in the folder of results."""
        entry = next((decision.entry for decision in decisions if decision.step.name == "report"), None)
        return entry is not None and not exported(entry, self.results)

    def run(
        self,
        *goals: str,
        force: Collection[str] = (),
        upstream: bool = True,
        on_event: OnEvent = ignore,
    ) -> Run:
        """Bring stages and all they need up to date.

        Parameters
        ----------
        goals
            The stages to reach; ``report`` by default.
        force
            Stages to execute even where they are fresh.
        upstream
            Whether other stages than the goals may be executed, too.

        Raises
        ------
        PhishError
            What went wrong, with a hint.
        """
        goals = goals or DEFAULT_GOALS
        source = locate(**self._where, on_event=on_event)
        if source.synthetic:
            on_event(Notice(f"The built-in sample is {SYNTHETIC}"))
        outcome = pipeline.run(
            graph.needed(graph.steps(self.config, source), goals),
            self.workspace,
            source,
            Executor(Bench(self.config, source, self.workspace, force, on_event)),
            force=force,
            only=graph.STAGES if upstream else goals,
            on_event=on_event,
        )
        if "report" in outcome.entries:
            self._publish(outcome.entries["report"])
        return Run(outcome, self.results)

    @property
    def runs(self) -> Runs:
        """What was run before."""
        return Runs(self.results)

    def compare(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
        """Say how two runs of the history differ, as `phishcli.history.compare` does."""
        from phishcli.history import compare

        return compare(old, new, self.workspace)

    def _publish(self, entry: Entry) -> None:
        """Copy the report to where people look for it, and write the run down."""
        from phishcli.evaluation.runs import remembered

        export(entry, self.results, self.workspace.cache.manifests("report"))
        if not self.runs.knows(entry.manifest.fingerprint):
            self.runs.keep(entry.manifest.fingerprint, entry.manifest.created, remembered(entry.read("summary.json")))

    @property
    def _where(self) -> dict[str, Any]:
        load = self.config.load
        return {"source": load.source, "cache": self.workspace.cache.sources, "sha256": load.sha256}
