"""A project: one configuration with its source, artifacts and stages; for the command line and for notebooks."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phishcli.address import shown
from phishcli.artifacts import Workspace, export, exported
from phishcli.artifacts.runs import Runs, run_id
from phishcli.config import Config
from phishcli.config.found import NAME
from phishcli.config.last_run import keep_last_run, last_run_file
from phishcli.config.paths import SAMPLE
from phishcli.errors import ConfigError
from phishcli.events import Notice, OnEvent, ignore
from phishcli.flow.graph import Step, needed, steps
from phishcli.flow.job import Resources
from phishcli.flow.plan import Decision, plan
from phishcli.flow.run import Outcome, run
from phishcli.settings import load_config
from phishcli.sources.locate import locate, locate_offline
from phishcli.sources.source import Source
from phishcli.stages import compare, names, registry, report
from phishcli.stages.train import TRIALS, combining
from phishcli.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.documents.run import Run as RunRecord
    from phishcli.documents.selection import Selection
    from phishcli.evaluation.runs import RunComparison
    from phishcli.fits.budget import Deadline
    from phishcli.serving.bundle import Bundle

SYNTHETIC = "synthetic; for your own data: phish init FILE"
REPEAT = "repeat.yaml"
"""The settings that repeat a run with a budget."""
DEFAULT_GOALS = ("report",)


@dataclass(frozen=True, repr=False)
class Run:
    """The results of a run, for use in Python."""

    outcome: Outcome
    results: Path

    def __repr__(self) -> str:
        done = self.outcome
        return f"Run({done.source.origin}, {counted(len(done.entries), 'step')}, {len(done.executed):,} executed)"

    def _repr_html_(self) -> str | None:
        """The comparison as a table, for notebooks; None where models were not compared."""
        from phishcli.render.notebook import comparison_html

        compared = compare.RESULTS.stage in self.outcome.entries
        return comparison_html(self.selection, self.outcome.source.origin) if compared else None

    @property
    def selection(self) -> Selection:
        """``selection.json``: the selected model, the reason, and all scores."""
        return self.outcome.get(compare.SELECTION)

    @property
    def comparison(self) -> pd.DataFrame:
        """``results.parquet``: one row per model and metric, with its interval."""
        return self.outcome.get(compare.RESULTS)

    def read(self, step: str, name: str) -> Any:
        """Read any artifact: ``run.read("train/XGBoost", "oof.parquet")``."""
        return self.outcome.read(step, name)

    def bundle(self, model: str | None = None) -> Bundle:
        """Open the release that this run wrote; needs ``run("persist")``."""
        from phishcli.serving.bundle import load_bundle

        return load_bundle(self.outcome.entries["persist"].folder, model)


@dataclass(frozen=True, repr=False)
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
    root: Path = Path()
    """Where commands look for the settings of the last run: the folder of ``phish.yaml``, else the current one."""
    continues: bool = False
    """Whether the settings are those of the last run in the folder."""

    data: Source | None = None
    """The source, where it is not one that the settings name."""

    @classmethod
    def of(
        cls, settings: Mapping[str, Any] | None = None, *, file: str | Path | None = None, data: Any = None
    ) -> Project:
        """Create a project from dotted settings, on top of a YAML file or the defaults.

        Relative paths in the settings are relative to the current folder, those in a file to that file. ``data`` is the
        table in place of ``load.source``: a data frame of pandas, Polars or Spark, an Arrow table, a dict of columns.

        Raises
        ------
        ConfigError
            When a key does not exist or a value is invalid.
        """
        overrides = {key: (value, "settings") for key, value in (settings or {}).items()}
        resolved = load_config(Path(file) if file else None, overrides=overrides)
        if data is None:
            return cls(resolved.config, resolved.root)
        from phishcli.sources.frame import FrameSource

        return cls(resolved.config, resolved.root, data=FrameSource.of(data))

    def __repr__(self) -> str:
        origin = self.origin if self.data is None else self.data.origin
        return f"Project({origin}, {counted(len(self.config.train.models), 'model')}, {self.config.run.cache_dir})"

    @cached_property
    def workspace(self) -> Workspace:
        """The cache and the releases."""
        return Workspace.at(Path(self.config.run.cache_dir), self.results)

    @property
    def results(self) -> Path:
        """The folder of reports and releases."""
        return Path(self.config.run.results_dir)

    @property
    def origin(self) -> str:
        """What the user calls the source, without passwords and tokens."""
        return shown(self.config.load.source)

    def steps(self, *goals: str) -> list[str]:
        """Name the steps that lead to the goals (``report`` by default), in order."""
        return [step.name for step in self._graph(goals)]

    def plan(self, *goals: str) -> list[Decision]:
        """Decide what a run would do without running or downloading anything."""
        source = locate_offline(**self.where) if self.data is None else self.data
        return plan(self._graph(goals, source), self.workspace)

    def foreseen(self, source: Source | None = None) -> list[Notice]:
        """Say what a large source will need that is on this disk; see `phishcli.forecast.forecast`."""
        from shutil import disk_usage

        from phishcli.forecast import forecast

        source = source or (locate_offline(**self.where) if self.data is None else self.data)
        folder = next(each for each in (self.workspace.cache.root, *self.workspace.cache.root.parents) if each.is_dir())
        return list(forecast(self.config, source.files, disk_usage(folder).free)) if source else []

    def _foresee(self, source: Source, graph: Sequence[Step], on_event: OnEvent) -> None:
        """Tell it before steps run; a run in which nothing is stale needs nothing, not even a look into the files."""
        from phishcli.forecast import is_small

        if is_small(source.files) or all(each.status == "fresh" for each in plan(graph, self.workspace)):
            return
        for notice in self.foreseen(source):
            on_event(notice)

    def _graph(self, goals: Collection[str], source: Source | None = None) -> list[Step]:
        """The steps that lead to the goals, in order."""
        return needed(steps(registry(), self.config, source), _known(goals))

    def results_are_of_another_run(self, decisions: list[Decision]) -> bool:
        """Whether the report of a plan is fresh, but the results folder holds another one."""
        entries = [decision.entry for decision in decisions if decision.step.stage.exported]
        return any(entry is not None and not exported(entry, self.results) for entry in entries)

    def run(
        self,
        *goals: str,
        force: Collection[str] = (),
        upstream: bool = True,
        keep: bool = True,
        started: float | None = None,
        on_event: OnEvent | None = None,
    ) -> Run:
        """Bring stages and everything they depend on up to date.

        Parameters
        ----------
        goals
            The stages to bring up to date, or one step of them such as ``train/XGBoost``; ``report`` by default.
        force
            Stages to run even if they are fresh.
        upstream
            Whether stages other than the goals may run.
        keep
            Whether commands that follow in this folder go on with these settings, if they build on those of the last
            run; settings that begin anew are always kept.
        started
            When the time of ``train.budget`` began, by ``time.perf_counter``; now by default.
        on_event
            Receives the progress; by default it is shown in a notebook, and nowhere else.

        Raises
        ------
        PhishError
            When a stage fails or the settings are invalid; with a hint.
        """
        goals, on_event = _known(goals), on_event or _shown_in_notebooks()
        deadline = self._deadline(goals, started)
        self.workspace.cache.mark()
        source = self._located(on_event)
        if self.data is None and (keep or not self.continues):
            self._keep_settings(on_event)
        everything = steps(registry(), self.config, source)
        graph = needed(everything, goals)
        self._foresee(source, graph, on_event)
        use = self.config.run
        resources = Resources(source, self.workspace, use.jobs, use.cluster, use.memory, force, on_event, deadline)
        only = None if upstream else {goal.partition("/")[0] for goal in goals}
        outcome = run(graph, resources, only=only, ahead=everything)
        self._export(graph, outcome)
        if "report" in outcome.entries:
            self._remember(outcome)
        if deadline is not None and self.config.train.tune.enabled:
            self._write_repeat(outcome)
        return Run(outcome, self.results)

    def _located(self, on_event: OnEvent) -> Source:
        """Bring the source onto the disk."""
        limits = self.config.run
        source = self.data or locate(
            **self.where, on_event=on_event, max_bytes=limits.max_download, max_seconds=limits.max_download_time
        )
        if source.synthetic:
            on_event(Notice(f"The built-in sample is {SYNTHETIC}", "warning", "end"))
        return source

    def _export(self, graph: Sequence[Step], outcome: Outcome) -> None:
        """Copy what people read into the results folder."""
        for step in graph:
            if step.stage.exported:
                export(outcome.entries[step.name], self.results, self.workspace.cache.manifests(step.name))

    def _write_repeat(self, outcome: Outcome) -> None:
        """Write the settings that repeat a run with a budget without one."""
        from phishcli.config.load import snapshot
        from phishcli.files import appearing_file
        from phishcli.search.repeat import without_budget

        settings = without_budget(self.config, outcome.get_all(TRIALS), outcome.failed)
        with appearing_file(self.results / REPEAT) as file:
            file.write_text(snapshot(settings, self.results), encoding="utf-8")

    def _deadline(self, goals: Collection[str], started: float | None) -> Deadline | None:
        """When a run has to be over, if it has a budget."""
        if (budget := self.config.train.budget) is None:
            return None
        from time import perf_counter

        from phishcli.fits.budget import Deadline

        combines, explains = bool(combining(self.config)), self.config.evaluate.explain
        follows = ("persist" in goals, combines, explains, self.config.train.refits)
        return Deadline(budget, perf_counter() if started is None else started, *follows)

    @property
    def runs(self) -> Runs:
        """The history of runs."""
        return Runs(self.results)

    def compare(self, old: RunRecord, new: RunRecord) -> RunComparison:
        """Compare two runs of the history, as `phishcli.history.compare` does."""
        from phishcli.history import compare

        return compare(old, new, self.workspace)

    def begins(self) -> bool:
        """Whether a run would be the first in its results folder, on data of one's own that no ``phish.yaml`` names."""
        is_first = not last_run_file(self.results).exists() and not (self.root / NAME).exists()
        return is_first and self.config.load.source != SAMPLE

    def _keep_settings(self, on_event: OnEvent) -> None:
        try:
            keep_last_run(self.config, self.root)
        except OSError as error:
            reason = f"{error.filename}: {error.strerror}"
            on_event(Notice(f"The next command in this folder will not know these settings ({reason})", "warning"))

    def _remember(self, outcome: Outcome) -> None:
        """Record the run unless an identical one is on record."""
        manifest = outcome.entries["report"].manifest
        identity = run_id(manifest.fingerprint)
        if not self.runs.has(identity):
            from phishcli.evaluation.runs import run_of

            summary = outcome.get(report.SUMMARY)
            self.runs.record(run_of(summary, identity=identity, created=manifest.created))

    @property
    def where(self) -> dict[str, Any]:
        """What `phishcli.sources.locate` needs to find the source."""
        load = self.config.load
        return {
            "source": load.source,
            "cache": self.workspace.cache.sources,
            "sha256": load.sha256,
            "table": load.table,
            "query": load.query,
            "version_query": load.version_query,
        }


def _shown_in_notebooks() -> OnEvent:
    """Progress as a notebook shows it; nothing elsewhere, where IPython is not even looked for."""
    if "IPython" not in sys.modules:
        return ignore
    from phishcli.render.progress import NotebookProgress, notebook_display

    show = notebook_display()
    return NotebookProgress(show).on_event if show else ignore


def _known(goals: Collection[str]) -> tuple[str, ...]:
    """Check the names of stages to bring up to date; without any, the default ones."""
    unknown = [goal for goal in goals if goal.partition("/")[0] not in names()]
    if unknown:
        raise ConfigError(f"There is no stage {unknown[0]!r}", hint=f"The stages are {', '.join(names())}")
    return tuple(goals) or DEFAULT_GOALS
