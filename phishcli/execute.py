"""How each step calls its stage: artifacts in, files out. The one place where paths end and values begin."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

from phishcli.events import Notice, OnEvent, ignore
from phishcli.store import Entry, Output, changes

if TYPE_CHECKING:
    from phishcli.config import Config
    from phishcli.data.sources import LocalSource
    from phishcli.errors import PhishError
    from phishcli.pipeline import Decision
    from phishcli.store import Workspace
    from phishcli.store.ledgers import Ledger
    from phishcli.types import ModelSettings, Schema, Scored, Trained, TrainingData

Inputs = Mapping[str, Entry]


class Executor:
    """Runs stale steps of one configuration; a file that several steps read is read once."""

    def __init__(
        self,
        config: Config,
        source: LocalSource,
        workspace: Workspace,
        *,
        force: Collection[str] = (),
        on_event: OnEvent = ignore,
    ) -> None:
        self.config, self.source, self.on_event = config, source, on_event
        self.workspace, self.force = workspace, force
        self._files: dict[tuple[str, str], Any] = {}

    def __call__(self, decision: Decision, inputs: Inputs) -> Output:
        """Run the stage of a stale step on the artifacts it reads."""
        step = decision.step
        run: Callable[[Decision, Inputs], Output] = getattr(self, f"_{step.stage}{'_model' if step.model else ''}")
        return run(decision, inputs)

    def _file(self, entry: Entry, name: str) -> Any:
        key = (str(entry.folder), name)
        if key not in self._files:
            self._files[key] = entry.read(name)
        return self._files[key]

    def _schema(self, inputs: Inputs) -> Schema:
        from phishcli.types import Schema

        return Schema.from_json(self._file(inputs["load"], "schema.json"))

    def _load(self, decision: Decision, inputs: Inputs) -> Output:  # noqa: ARG002 (the source is all it reads)
        from phishcli.data.readers.tables import read_table
        from phishcli.stages.load import load

        table, name = read_table(self.source, table=self.config.load.table, on_event=self.on_event)
        split = self.config.preprocess.split
        loaded = load(
            self.config.load,
            table,
            name=name,
            origin=self.source.origin,
            synthetic=self.source.synthetic,
            keys={key: column for key, column in (("group", split.group), ("time", split.time)) if column},
            ignored=self.config.audit.ignore,
            on_event=self.on_event,
        )
        schema = loaded.schema
        positive = schema.label_counts[str(schema.positive_label)]
        return Output(
            {
                "features.parquet": loaded.features,
                "target.parquet": loaded.target,
                "keys.parquet": loaded.keys,
                "schema.json": schema.to_json(),
                "audit.json": loaded.audit,
            },
            summary=f"{counted(schema.rows, 'row')}, {counted(len(schema.columns), 'feature')}, "
            f"{positive / schema.rows:.1%} positive",
        )

    def _preprocess(self, decision: Decision, inputs: Inputs) -> Output:  # noqa: ARG002 (one signature for all)
        from phishcli.stages.preprocess import preprocess

        loaded = inputs["load"]
        made = preprocess(
            self.config.preprocess,
            self._file(loaded, "features.parquet"),
            self._file(loaded, "target.parquet"),
            self._schema(inputs),
            on_event=self.on_event,
        )
        return Output(
            {
                "train.parquet": made.train,
                "test.parquet": made.test,
                "split.parquet": made.split,
                "preprocessor.joblib": made.preprocessor,
                "features.json": made.features,
            },
            summary=f"{len(made.train):,} training and {len(made.test):,} test rows, {len(made.features)} features",
        )

    def _audit(self, decision: Decision, inputs: Inputs) -> Output:  # noqa: ARG002 (one signature for all)
        from phishcli.stages.audit import audit_split, count_severities

        loaded = inputs["load"]
        findings = audit_split(
            self.config.audit.ignore,
            table=loaded.read("audit.json"),
            features=self._file(loaded, "features.parquet"),
            target=self._file(loaded, "target.parquet"),
            schema=self._schema(inputs),
            keys=self._file(loaded, "keys.parquet"),
            split=self._file(inputs["preprocess"], "split.parquet"),
            on_event=self.on_event,
        )
        return Output({"audit.json": findings}, summary=count_severities(findings))

    def _gap(self, decision: Decision, inputs: Inputs) -> Output:  # noqa: ARG002 (one signature for all)
        from phishcli.stages.gap import gap

        loaded = inputs["load"]
        found = gap(
            self.config.preprocess,
            self.config.evaluate,
            seed=self.config.train.seed,
            features=self._file(loaded, "features.parquet"),
            target=self._file(loaded, "target.parquet"),
            schema=self._schema(inputs),
            keys=self._file(loaded, "keys.parquet"),
            on_event=self.on_event,
        )
        made = [split for split in found["splits"] if "skipped" not in split]
        spread = max(each["accuracy"]["value"] for each in made) - min(each["accuracy"]["value"] for each in made)
        return Output({"gap.json": found}, summary=f"{counted(len(made), 'split')}, accuracies {spread:.4f} apart")

    def together(self, decisions: Sequence[Decision], inputs: Inputs) -> Iterator[tuple[Decision, Output | PhishError]]:
        """Train the models of stale steps side by side."""
        from phishcli.stages.train import train

        by_model = {decision.step.model: decision for decision in decisions}
        with self.workspace.cache.scratch() as folder, ExitStack() as open_:

            def ledger(model: str) -> Ledger:
                return open_.enter_context(closing(self._ledger(by_model[model])))

            trained = train(
                [_model_settings(decision) for decision in decisions],
                self._training_data(inputs),
                jobs=self._jobs(),
                ledger=ledger,
                folder=folder / "matrices",
                on_event=self.on_event,
            )
            for made in trained:
                result = made.error if made.trained is None else _training_output(made.trained, made.seconds)
                assert result is not None  # noqa: S101 (told to the type checker: one of the two is there)
                yield by_model[made.model], result

    def _ledger(self, decision: Decision) -> Ledger:
        from phishcli.store.ledgers import Ledger, ledger_path, ledger_print

        step = decision.step
        return Ledger(
            ledger_path(self.workspace.cache.root, step.model, ledger_print(step.name, decision.parts)),
            lambda sentence: self.on_event(Notice(f"{step.name}: {sentence}", "warning")),
            reads=step.stage not in self.force,
        )

    def _training_data(self, inputs: Inputs) -> TrainingData:
        from phishcli.stages.train import training_data

        return training_data(
            train=self._file(inputs["preprocess"], "train.parquet"),
            split=self._file(inputs["preprocess"], "split.parquet"),
            features=self._file(inputs["load"], "features.parquet"),
            schema=self._schema(inputs),
        )

    def _jobs(self) -> int:
        from joblib import cpu_count

        jobs = self.config.run.jobs
        return jobs if jobs > 0 else int(cpu_count())  # the cores this process may use, containers considered

    def _evaluate_model(self, decision: Decision, inputs: Inputs) -> Output:
        from phishcli.stages.evaluate import evaluate

        name = decision.step.model
        split = self._file(inputs["preprocess"], "split.parquet")
        rows = split.loc[split["part"] == "test", "row"].to_numpy()
        target = self._file(inputs["load"], "target.parquet")
        evaluated = evaluate(
            self.config.evaluate,
            inputs[f"train/{name}"].read("model.joblib"),
            name,
            self._file(inputs["preprocess"], "test.parquet"),
            oof=inputs[f"train/{name}"].read("oof.parquet"),
            rows=rows,
            labels=target["label"].iloc[rows],
            on_event=self.on_event,
        )
        metrics = evaluated.metrics["metrics"]
        return Output(
            {
                "predictions.parquet": evaluated.predictions,
                "metrics.json": evaluated.metrics,
                "resamples.parquet": evaluated.resamples,
                "timing.json": evaluated.timing,
            },
            summary=f"accuracy {metrics['accuracy']['value']:.4f}, ROC-AUC {metrics['roc_auc']['value']:.4f}",
        )

    def _evaluate(self, decision: Decision, inputs: Inputs) -> Output:
        from phishcli.stages.compare import compare

        loaded, models = inputs["load"], self._scored(decision, inputs)
        compared = compare(
            self.config.evaluate,
            models,
            features=self._file(loaded, "features.parquet"),
            target=self._file(loaded, "target.parquet"),
            keys=self._file(loaded, "keys.parquet"),
            findings=inputs["audit"].read("audit.json"),
            costs=self._costs(decision, inputs),
        )
        selection = compared.selection
        return Output(
            {
                "results.parquet": compared.results,
                "selection.json": selection,
                "segments.parquet": compared.segments,
                "suspects.csv": compared.suspects,
            },
            summary=f"{counted(len(models), 'model')} compared, {selection['model']} selected",
        )

    def _scored(self, decision: Decision, inputs: Inputs) -> dict[str, Scored]:
        from phishcli.types import Scored

        return {
            model: Scored(
                metrics=inputs[f"evaluate/{model}"].read("metrics.json"),
                predictions=inputs[f"evaluate/{model}"].read("predictions.parquet"),
                resamples=inputs[f"evaluate/{model}"].read("resamples.parquet"),
                oof=inputs[f"train/{model}"].read("oof.parquet"),
            )
            for model in _models(decision)
        }

    def _costs(self, decision: Decision, inputs: Inputs) -> dict[str, float] | None:
        """What ``prefer`` goes by: how complex a model is, or the time it takes for a row."""
        if self.config.evaluate.prefer == "fast":
            timing = _per_model(decision, inputs, "evaluate", "timing.json")
            return {model: found["predict"] / found["rows"] for model, found in timing.items()}
        return decision.step.settings.get("complexity")

    def _explain_model(self, decision: Decision, inputs: Inputs) -> Output:
        from phishcli.stages.explain import explain

        name = decision.step.model
        split = self._file(inputs["preprocess"], "split.parquet")
        explanations = explain(
            inputs[f"train/{name}"].read("model.joblib"),
            name,
            self._file(inputs["preprocess"], "test.parquet"),
            raw=self._file(inputs["load"], "features.parquet").iloc[split.loc[split["part"] == "test", "row"]],
            described=self._file(inputs["preprocess"], "features.json"),
            seed=self.config.evaluate.seed,
        )
        top = ", ".join(each["feature"] for each in explanations["permutation"][:3])
        return Output({"explanations.json": explanations}, summary=f"looks at {top}")

    def _report(self, decision: Decision, inputs: Inputs) -> Output:
        from phishcli.render.report import draw
        from phishcli.stages.report import assemble
        from phishcli.types import Provenance, SplitFacts

        parts = self._file(inputs["preprocess"], "split.parquet")["part"].value_counts()
        features = self._file(inputs["preprocess"], "features.json")
        data = assemble(
            self.config.report,
            self.config.operation,
            origin=self.source.origin,
            schema=inputs["load"].read("schema.json"),
            audit=inputs["audit"].read("audit.json"),
            gap=inputs["gap"].read("gap.json") if "gap" in decision.step.reads else None,
            selection=inputs["evaluate"].read("selection.json"),
            metrics=_per_model(decision, inputs, "evaluate", "metrics.json"),
            training=_per_model(decision, inputs, "train", "training.json"),
            explanations=_per_model(decision, inputs, "explain", "explanations.json")
            if self.config.evaluate.explain
            else {},
            segments=inputs["evaluate"].read("segments.parquet"),
            suspects=inputs["evaluate"].read("suspects.csv"),
            split=SplitFacts(int(parts["train"]), int(parts["test"]), len(features)),
            provenance=Provenance(
                data_sha256=self.source.sha256,
                config=decision.step.settings["settings"],
                versions={name: version for name, version in self._versions(inputs).items() if version},
                fingerprints={step: entry.manifest.fingerprint for step, entry in inputs.items()},
            ),
            failed=decision.step.failed,
        )
        report = draw(data)
        files = {
            "report.html": report.html,
            "classification_report.txt": report.text,
            "model_card.md": report.card,
            "summary.json": report.summary,
            "label_suspects.csv": report.suspects,
        }
        return Output(files | report.figures, summary=", ".join(files))

    def _versions(self, inputs: Inputs) -> dict[str, str | None]:
        return {name: found for entry in inputs.values() for name, found in sorted(entry.manifest.packages.items())}

    def _persist(self, decision: Decision, inputs: Inputs) -> Output:
        from phishcli.config.load import snapshot
        from phishcli.stages.persist import WHY, level, model_metadata, next_version

        last = decision.previous
        differing = [change.key for change in changes(last.manifest.parts, decision.parts)] if last else []
        highest = self.workspace.releases.highest()
        version = next_version(highest, differing)
        metrics = _per_model(decision, inputs, "evaluate", "metrics.json")
        # Times differ from one training to the next: a release tells them, but does not depend on them.
        training = _per_model(decision, inputs, "train", "training.json")
        schema, features = self._schema(inputs), self._file(inputs["preprocess"], "features.json")
        selected = inputs["evaluate"].read("selection.json")["model"]
        files: dict[str, Any] = {
            "preprocessor.joblib": inputs["preprocess"].folder / "preprocessor.joblib",
            "schema.json": inputs["load"].folder / "schema.json",
            "config_snapshot.yaml": snapshot(self.config),
        }
        for name in metrics:
            files[f"{name}_model.joblib"] = inputs[f"train/{name}"].folder / "model.joblib"
            files[f"{name}_metadata.json"] = model_metadata(
                version=version,
                schema=schema,
                features=features,
                metrics=metrics[name],
                training=training[name],
                provenance=self._provenance(inputs, name),
            )
        return Output(
            files,
            summary=f"v{version}: {WHY[level(differing)] if highest else 'the first release'}; {selected} selected",
            extra={"version": version, "selected": selected, "models": list(metrics), "differs": differing},
        )

    def _provenance(self, inputs: Inputs, name: str) -> dict[str, Any]:
        trained = inputs[f"train/{name}"].manifest
        return {
            "data": {"source": self.source.origin, "sha256": self.source.sha256},
            "packages": dict(trained.packages),
            "trained": trained.created,
            "git_commit": git_commit(),
        }


def _model_settings(decision: Decision) -> ModelSettings:
    from phishcli.types import ModelSettings

    given = decision.step.settings
    tune = given["tune"] if given["tune"]["enabled"] else None
    return ModelSettings(decision.step.model, given["params"], given["seed"], tune, given.get("early_stopping"))


def _training_output(trained: Trained, seconds: float) -> Output:
    files = {"model.joblib": trained.model, "training.json": trained.training, "oof.parquet": trained.oof}
    if trained.trials is not None:
        files["trials.parquet"] = trained.trials
    accuracy = trained.training["cv"]["accuracy"]
    summary = f"CV accuracy {accuracy['mean']:.4f} ± {accuracy['std']:.4f}"
    return Output(files, summary=summary, seconds=seconds)


def _per_model(decision: Decision, inputs: Inputs, stage: str, file: str) -> dict[str, Any]:
    """Read one document of every model that got so far."""
    return {model: inputs[f"{stage}/{model}"].read(file) for model in _models(decision)}


def _models(decision: Decision) -> list[str]:
    return [step.partition("/")[2] for step in decision.step.reads if step.startswith("evaluate/")]


def counted(number: int, noun: str) -> str:
    """``1 model``, ``2 models``, ``10,500 rows``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def git_commit() -> str | None:
    """Find the commit that is checked out in the current folder; None outside of a repository."""
    import shutil
    import subprocess

    git = shutil.which("git")
    if git is None:
        return None
    found = subprocess.run([git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S603 (fixed arguments)
    return found.stdout.strip() or None if found.returncode == 0 else None
