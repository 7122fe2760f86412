"""One update from the new table to the new version: what ``phish update`` does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from phishcli.documents.release import DataSource
from phishcli.documents.update import Continued, Update, Version, Way
from phishcli.evaluation.calibration_map import apply_map
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.resampling import Resampling
from phishcli.events import Notice, OnEvent, ignore
from phishcli.update.earlier import EarlierRows, Parent, earlier_rows
from phishcli.update.fitting import Fitted, Plan, go_on, planned, retrained, rounds_for
from phishcli.update.judged import Judged, tested
from phishcli.update.release import metadata_of, proof_of, version_after, write_release
from phishcli.update.rows import NewRows, held_out, read_new_rows, repeats
from phishcli.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.proof import Proof
    from phishcli.serving.bundle import Bundle
    from phishcli.sources.source import Source


@dataclass(frozen=True)
class Asked:
    """How to update: the way and the rounds (None: the usual), the share of new rows held out, whether to retrain."""

    way: Way | None = None
    rounds: int | None = None
    share: float = 0.2
    retrain: bool = True
    seed: int = 42


def update(bundle: Bundle, source: Source, root: Path, asked: Asked, on_event: OnEvent = ignore) -> Update:
    """Continue a release on new rows and write it as the next version.

    Parameters
    ----------
    bundle
        The release, opened for its selected model.
    source
        The new rows, with labels.
    root
        The folder of the releases.
    asked
        How to update.
    on_event
        Receives notices.

    Raises
    ------
    DataError
        When the new rows are not of the parent's columns and labels, or too few.
    TrainError
        When no model can go on.
    ConfigError
        When the rows of the parent are to be used and are not there.
    """
    parent = Parent.of(bundle)
    plan = planned(parent, asked.way)
    new = read_new_rows(bundle, source)
    earlier = earlier_rows(parent, on_event) if asked.retrain else None
    return _Updating(parent, plan, new, earlier, asked, source, root, on_event).run()


class _Updating:
    """The parts of one update, each computed once."""

    def __init__(
        self,
        parent: Parent,
        plan: Plan,
        new: NewRows,
        earlier: EarlierRows | None,
        asked: Asked,
        source: Source,
        root: Path,
        on_event: OnEvent,
    ) -> None:
        self.parent, self.plan, self.new, self.earlier = parent, plan, new, earlier
        self.asked, self.source, self.root, self.on_event = asked, source, root, on_event
        self.kept = held_out(new.y, asked.share, asked.seed)
        self.repeated = self._repeated()
        self.fitting = new.x[~self.kept], new.y[~self.kept]
        tests = np.empty((0, new.x.shape[1]), np.float32) if earlier is None else earlier.x_test
        self.x = np.concatenate([tests, new.x[self.kept]])
        self.y = np.concatenate([np.empty(0, np.int8) if earlier is None else earlier.y_test, new.y[self.kept]])
        self.is_new = np.arange(len(self.y)) >= len(tests)

    def _repeated(self) -> NDArray[np.bool_]:
        """New rows that equal a held-out row in every column; they are fitted on, as those of a run are."""
        import pandas as pd

        held = [self.new.features[self.kept]]
        if self.earlier is not None:
            test = self.earlier.features.iloc[self.earlier.test]
            held.append(test[list(self.new.features)].astype(self.new.features.dtypes))
        found = repeats(self.new.features, pd.concat(held)) & ~self.kept
        if found.any():
            rows = counted(int(found.sum()), "new row")
            verb = "equals a held-out row" if found.sum() == 1 else "equal held-out rows"
            self.on_event(Notice(f"{rows} {verb} in every column, which flatters every version alike"))
        return found

    def run(self) -> Update:
        made = {name: self._continue(name) for name in self.plan.ways}
        judged = {name: self._judged("updated", name, fitted) for name, (fitted, _) in made.items()}
        selected = self._selected(list(made))
        others = self._others(selected)
        document = self._document([each for _, each in made.values()], judged[selected], others)
        fitted = {name: each for name, (each, _) in made.items()}
        metadata = {
            name: metadata_of(self.parent.open(name).metadata, judged[name], document, each)
            for name, each in fitted.items()
        }
        write_release(self.parent, self.root, document, fitted, metadata, self._proof(judged), selected)
        return document

    def _continue(self, name: str) -> tuple[Fitted, Continued]:
        way = self.plan.ways[name]
        rounds = self.asked.rounds
        if rounds is None and way.way == "trees":
            profile = self.parent.bundle.profile
            earlier = profile.rows if profile else len(self.fitting[1])
            rounds = rounds_for(name, self.parent.estimator(name), len(self.fitting[1]), earlier)
        return go_on(self.parent, name, way, self.fitting, rounds if way.way == "trees" else None)

    def _selected(self, models: list[str]) -> str:
        """The parent's selected model, or the best of the others over the parent's folds where that cannot go on."""
        usual = self.parent.bundle.metadata.model
        if usual in models:
            return usual
        about = {name: self.parent.open(name).metadata for name in models}
        best = max(models, key=lambda name: about[name].cross_validation["accuracy"].mean or 0.0)
        self.on_event(Notice(f"{usual} cannot be continued on new rows; {best} is the best model that can", "warning"))
        return best

    def _judged(self, version: Version, name: str, fitted: Fitted | None = None) -> Judged:
        from phishcli.models import find
        from phishcli.models.own_format import PositiveClass

        bundle = self.parent.open(name)
        if fitted is None:
            return self._scored(version, bundle, np.asarray(bundle.score(self.x), dtype=np.float64))
        spec = find(name)
        score = PositiveClass(fitted.model, in_blocks=spec.in_blocks if spec else 0)
        return self._scored(version, bundle, np.asarray(score(self.x), dtype=np.float64), fitted.seconds)

    def _scored(
        self, version: Version, bundle: Bundle, scores: NDArray[np.float64], seconds: float | None = None
    ) -> Judged:
        calibrated = apply_map(bundle.metadata.calibration, scores)
        rows = ScoredRows.validated(self.y, calibrated, bundle.threshold, where=f"update/{bundle.metadata.model}")
        how = Resampling(seed=self.asked.seed)
        return Judged.of(version, bundle.metadata.model, rows, self.is_new, how, seconds)

    def _others(self, selected: str) -> dict[Version, Judged]:
        usual = self.parent.bundle.metadata.model
        found: dict[Version, Judged] = {"parent": self._judged("parent", usual)}
        if self.earlier is not None:
            since = self.earlier.since
            new = NewRows.together((self.new, *since))
            kept = np.concatenate([self.kept, *(np.zeros(len(each), dtype=bool) for each in since)])
            scores, seconds = retrained(self.parent, selected, self.earlier, new, kept)
            found["retrained"] = self._scored("retrained", self.parent.open(selected), scores, seconds)
        return found

    def _document(self, models: list[Continued], judged: Judged, others: dict[Version, Judged]) -> Update:
        return Update(
            parent=self.parent.version,
            version=version_after(self.root),
            parent_sha256=self.parent.bundle.sha256,
            data=DataSource(source=self.source.origin, sha256=self.source.sha256),
            rows=len(self.new),
            fitted=len(self.fitting[1]),
            held_out=int(self.kept.sum()),
            repeated=int(self.repeated.sum()),
            earlier_held_out=int((~self.is_new).sum()),
            models=tuple(models),
            left_out=self.plan.left_out,
            judgments=tuple(each.document() for each in (others["parent"], judged, *list(others.values())[1:])),
            tests=tested(judged, others),
        )

    def _proof(self, judged: dict[str, Judged]) -> Proof:
        columns = tuple(column.name for column in self.parent.bundle.schema.given())
        scores = {name: each.rows.scores[self.is_new] for name, each in judged.items()}
        return proof_of(self.new.features[self.kept], columns, scores)
