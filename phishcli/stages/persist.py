"""``persist``: a versioned release of all models, with everything needed to verify and load them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from phishcli.documents.encoder import Encoder
from phishcli.documents.profile import Profile
from phishcli.documents.proof import Proof
from phishcli.documents.reference import Reference
from phishcli.documents.release import DataSource, ModelMetadata
from phishcli.documents.schema import Schema
from phishcli.documents.selection import Selection
from phishcli.events import Notice
from phishcli.flow.nodes import SOURCE, Node, content, document
from phishcli.flow.settings import informative
from phishcli.flow.stage import Result, Stage
from phishcli.search.settings import ModelSettings
from phishcli.stages import compare, evaluate, load, preprocess, train

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.config import Config
    from phishcli.config.schema import EvaluateConfig, LoadConfig, OperationConfig, PreprocessConfig, VerdictsConfig
    from phishcli.documents.metrics import Metrics
    from phishcli.documents.verdicts import Bands
    from phishcli.flow.job import Job
    from phishcli.serving.release import Origin

PREPROCESSOR = content("persist", "preprocessor.joblib")
SCHEMA = document("persist", "schema.json", Schema)
ENCODER = document("persist", "encoder.json", Encoder)
"""The preprocessor as plain data."""
SNAPSHOT = content("persist", "config_snapshot.yaml")
"""The settings of the run."""
MODEL = content("persist", "{name}_model.joblib")
OWN_FORMAT = content("persist", "{name}", optional=True)
"""A model in the native format of its library."""
PROOF = document("persist", "proof.json", Proof)
"""Test rows with the probabilities that the models must give them."""
TIERS = content("persist", "tiers.json", optional=True)
"""The columns that become known at each moment."""
PROFILE = document("persist", "profile.json", Profile)
"""What training rows usually hold."""
REFERENCE = document("persist", "reference.json", Reference)
"""Training rows with their out-of-fold scores, to compare later rows with."""
METADATA = document("persist", "{name}_metadata.json", ModelMetadata)
"""Metrics, parameters and provenance of a model."""


@dataclass(frozen=True)
class Settings:
    """The settings that shape a release."""

    load: LoadConfig
    preprocess: PreprocessConfig
    train: Mapping[str, ModelSettings]
    evaluate: EvaluateConfig
    verdicts: VerdictsConfig
    operation: OperationConfig
    only_selected: bool
    snapshot: Callable[[], str] = informative()  # noqa: RUF009 (it is a field)
    """Writes all settings as YAML; only a release does, since it takes a tenth of `phish status`."""


def settings(config: Config, _: str) -> Settings:
    """What shapes data, models and scores, except the location of the source; ``verdicts``, base rate and volume."""
    return Settings(
        load=config.load.without("source", "sha256"),
        preprocess=config.preprocess,
        train={model: train.settings(config, model) for model in train.fitted(config)},
        evaluate=config.evaluate.without("by", "explain", "campaigns"),
        verdicts=config.verdicts,
        operation=config.operation.only("base_rate", "volume"),
        only_selected=config.persist.only_selected,
        snapshot=lambda: _snapshot(config),
    )


def _snapshot(config: Config) -> str:
    from pathlib import Path

    from phishcli.config.load import snapshot

    return snapshot(config, Path(config.run.results_dir, "artifacts", "release"))  # how deep, not which one


def run(job: Job[Settings]) -> Result:
    """Assemble a release of all models, or of the selected one."""
    from phishcli.serving.release import WHY, level, next_version

    last, differing = job.last_release(), job.changed()
    version = next_version(last, differing)
    selection = job.read(compare.SELECTION)
    selected = selection.model
    models = (selected,) if job.settings.only_selected else tuple(job.each(evaluate.METRICS))
    if selection.verdict:
        job.on_event(Notice(selection.verdict, "warning", "end"))
    metadata = _metadata(job, version, models)
    _tell_bands(job, metadata[selected].bands)
    return Result(
        {**_of_all_models(job, models), **_of_each_model(job, models, metadata)},
        f"v{version}: {WHY[level(differing)] if last else 'the first release'}; {selected} selected"
        f"{', no better than a constant answer' if _is_useless(selection) else ''}",
        extra={"version": version, "selected": selected, "models": list(models), "differs": differing},
    )


def _of_all_models(job: Job[Settings], models: Collection[str]) -> dict[Node[Any], Any]:
    """The files that a release has once."""
    from phishcli.serving.encoder import describe_encoder
    from phishcli.serving.proof import make_proof

    predictions = job.each(evaluate.PREDICTIONS)
    return {
        ENCODER: describe_encoder(job.read(preprocess.PREPROCESSOR), _names(job)),
        PREPROCESSOR: job.path(preprocess.PREPROCESSOR),
        SCHEMA: job.path(load.SCHEMA),
        SNAPSHOT: job.settings.snapshot(),
        PROOF: make_proof(job.read(load.FEATURES), job.read(load.SCHEMA), {name: predictions[name] for name in models}),
        PROFILE: _profile(job),
        REFERENCE: _reference(job, models),
        **_tiers(job),
    }


def _of_each_model(
    job: Job[Settings], models: Collection[str], metadata: Mapping[str, ModelMetadata]
) -> dict[Node[Any], Any]:
    return {
        **_own_formats(job, models),
        **{MODEL.named(name): job.path(train.MODEL, name) for name in models},
        **{METADATA.named(name): each for name, each in metadata.items()},
    }


def _tell_bands(job: Job[Settings], bands: Bands | None) -> None:
    from phishcli.evaluation.bands import described

    for sentence in described(bands) if bands else ():
        job.on_event(Notice(sentence, when="end"))


def _is_useless(selection: Selection) -> bool:
    skill = selection.skill[selection.model]
    return not (skill.more_accurate or skill.ranks)


def _profile(job: Job[Settings]) -> Profile:
    from phishcli.serving.profile import make_profile

    split = job.read(preprocess.SPLIT)
    rows = split.loc[split["part"] == "train", "row"].to_numpy()
    return make_profile(job.read(load.FEATURES), job.read(load.SCHEMA), rows)


def _reference(job: Job[Settings], models: Collection[str]) -> Reference:
    from phishcli.serving.sampled import make_reference

    oof, metrics = job.each(train.OOF), job.each(evaluate.METRICS)
    return make_reference(
        job.read(load.FEATURES),
        job.read(load.SCHEMA),
        {name: oof[name] for name in models},
        {name: metrics[name].calibration.map for name in models},
    )


def _tiers(job: Job[Settings]) -> dict[Node[Any], Any]:
    from phishcli.features.tiers import tiers_of

    asked = job.settings.evaluate.tiers
    return {TIERS: tiers_of(asked, job.read(load.SCHEMA))} if asked else {}


def _names(job: Job[Settings]) -> list[str]:
    return job.read(preprocess.FEATURES).names


def _own_formats(job: Job[Settings], models: Collection[str]) -> dict[Node[Any], Any]:
    from phishcli.serving.release import own_format_file

    width = len(_names(job))
    found = [own_format_file(name, model, width) for name, model in job.each(train.MODEL).items() if name in models]
    return {OWN_FORMAT.named(file): content for files in found for file, content in files.items()}


def _metadata(job: Job[Settings], version: str, models: Collection[str]) -> dict[str, ModelMetadata]:
    from phishcli.models.view import without_view
    from phishcli.serving.release import model_metadata

    training, oof, commit = job.each(train.TRAINING), job.each(train.OOF), git_commit()
    models_of = job.each(train.MODEL)
    return {
        name: model_metadata(
            version=version,
            schema=job.read(load.SCHEMA),
            features=job.read(preprocess.FEATURES),
            metrics=metrics,
            training=training[name],
            origin=_origin(job, name, commit),
            bands=_bands(job, metrics, oof[name]),
            view=without_view(models_of[name]).places,
        )
        for name, metrics in job.each(evaluate.METRICS).items()
        if name in models
    }


def _bands(job: Job[Settings], metrics: Metrics, oof: pd.DataFrame) -> Bands:
    from phishcli.documents.columns import PROBABILITY, TARGET
    from phishcli.documents.operation import Operation
    from phishcli.evaluation.bands import choose_bands
    from phishcli.evaluation.calibration_map import apply_map
    from phishcli.evaluation.counts import ScoredRows

    where = f"verdicts/{metrics.model}"
    raw = ScoredRows.validated(oof[TARGET], oof[PROBABILITY], where=where)
    rows = ScoredRows(raw.positive, apply_map(metrics.calibration.map, raw.scores))
    asked = job.settings.operation
    operation = Operation(base_rate=asked.base_rate, volume=asked.volume, analyst_minutes=0)
    return choose_bands(job.settings.verdicts, metrics.threshold_rule, rows, operation)


def _origin(job: Job[Settings], name: str, commit: str | None) -> Origin:
    from phishcli.serving.release import Origin

    source, trained = job.fact(SOURCE), job.lineage()[f"{train.MODEL.stage}/{name}"]
    data = DataSource(source=source.origin, sha256=source.sha256)
    return Origin(data, dict(trained.packages), trained.created, commit)


def git_commit() -> str | None:
    """The commit checked out in the current folder; None outside a repository."""
    import shutil
    import subprocess

    git = shutil.which("git")
    if git is None:
        return None
    found = subprocess.run([git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S603 (fixed arguments)
    return found.stdout.strip() or None if found.returncode == 0 else None


STAGE = Stage(
    name="persist",
    title="Write a versioned release of the models.",
    version=9,
    settings=settings,
    reads=(
        SOURCE,
        load.SCHEMA,
        load.FEATURES,
        preprocess.PREPROCESSOR,
        preprocess.FEATURES,
        preprocess.SPLIT,
        compare.SELECTION,
        evaluate.METRICS,
        evaluate.PREDICTIONS,
        train.MODEL,
        train.OOF,
        train.TRAINING.informative(),  # training times vary
    ),
    writes=(ENCODER, PREPROCESSOR, SCHEMA, SNAPSHOT, PROOF, PROFILE, REFERENCE, TIERS, MODEL, OWN_FORMAT, METADATA),
    after=("report",),
    home="releases",
    run=run,
)
