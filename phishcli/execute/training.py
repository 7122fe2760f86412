"""Calling the train stage: all stale models at once, each with the ledger of its fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from phishcli.artifacts import Output
from phishcli.events import Notice
from phishcli.execute.bench import Bench, Inputs

if TYPE_CHECKING:
    from phishcli.artifacts.ledgers import Ledger
    from phishcli.errors import PhishError
    from phishcli.plan import Decision
    from phishcli.fits.matrices import TrainingData
    from phishcli.search.settings import ModelSettings
    from phishcli.search.trained import TrainedModel


def run_train(
    bench: Bench, decisions: Sequence[Decision], inputs: Inputs
) -> Iterator[tuple[Decision, Output | PhishError]]:
    """Train the models of stale steps side by side."""
    from phishcli.search.training import train

    _look_ahead(bench, inputs)
    by_model = {decision.step.model: decision for decision in decisions}
    with bench.workspace.cache.scratch() as folder, ExitStack() as open_:

        def ledger(model: str) -> Ledger:
            return open_.enter_context(closing(_ledger(bench, by_model[model])))

        trained = train(
            [_model_settings(decision) for decision in decisions],
            _training_data(bench, inputs),
            jobs=bench.jobs,
            ledger=ledger,
            folder=folder / "matrices",
            on_event=bench.on_event,
        )
        for made in trained:
            result = made.error if made.trained is None else _training_output(made.trained, made.seconds)
            assert result is not None  # noqa: S101 (told to the type checker: one of the two is there)
            yield by_model[made.name], result


def _look_ahead(bench: Bench, inputs: Inputs) -> None:
    """Refuse now what the evaluation would refuse after all models were trained."""
    from phishcli.config.schema import MaxFpr
    from phishcli.evaluation.compare import check_columns
    from phishcli.evaluation.thresholds import certify

    settings, schema = bench.config.evaluate, bench.schema(inputs)
    check_columns(settings.by, [column.name for column in schema.columns], schema.set_aside)
    if isinstance(settings.threshold, MaxFpr):
        target = bench.file(inputs["preprocess"], "train.parquet")["target"]
        certify(settings.threshold.max_fpr, settings.threshold.confidence, int((target == 0).sum()))


def _ledger(bench: Bench, decision: Decision) -> Ledger:
    from phishcli.artifacts.ledgers import Ledger, ledger_path, ledger_print

    step = decision.step
    return Ledger(
        ledger_path(bench.workspace.cache.root, step.model, ledger_print(step.name, decision.parts)),
        lambda sentence: bench.on_event(Notice(f"{step.name}: {sentence}", "warning")),
        reads=step.stage not in bench.force,
    )


def _training_data(bench: Bench, inputs: Inputs) -> TrainingData:
    from phishcli.fits.matrices import training_data

    return training_data(
        train=bench.file(inputs["preprocess"], "train.parquet"),
        split=bench.file(inputs["preprocess"], "split.parquet"),
        features=bench.file(inputs["load"], "features.parquet"),
        schema=bench.schema(inputs),
    )


def _model_settings(decision: Decision) -> ModelSettings:
    from phishcli.models import EarlyStopping
    from phishcli.search.settings import ModelSettings, SearchSettings

    given = decision.step.settings
    tune = {name: value for name, value in given["tune"].items() if name != "enabled"}
    search = SearchSettings(**tune) if given["tune"]["enabled"] else None
    early = EarlyStopping(**given["early_stopping"], seed=given["seed"]) if "early_stopping" in given else None
    return ModelSettings(decision.step.model, given["params"], given["seed"], search, early)


def _training_output(trained: TrainedModel, seconds: float) -> Output:
    files = {"model.joblib": trained.model, "training.json": trained.training, "oof.parquet": trained.oof}
    if trained.trials is not None:
        files["trials.parquet"] = trained.trials
    accuracy = trained.training.cv["accuracy"]
    summary = f"CV accuracy {accuracy.mean:.4f} ± {accuracy.std:.4f}"
    return Output(files, summary=summary, seconds=seconds)
