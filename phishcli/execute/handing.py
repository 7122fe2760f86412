"""Calling the stages that hand results over: report and persist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phishcli.artifacts import Output, changes
from phishcli.events import Notice
from phishcli.execute.bench import Bench, Inputs, per_model

if TYPE_CHECKING:
    from phishcli.documents.training import Training
    from phishcli.plan import Decision


def run_report(bench: Bench, decision: Decision, inputs: Inputs) -> Output:
    """Gather what the report says, and draw it."""
    from phishcli.render.assemble import assemble
    from phishcli.render.report import draw
    from phishcli.types import Provenance, SplitFacts

    parts = bench.file(inputs["preprocess"], "split.parquet")["part"].value_counts()
    features = bench.file(inputs["preprocess"], "features.json")
    data = assemble(
        bench.config.report,
        bench.config.operation,
        origin=bench.source.origin,
        schema=inputs["load"].read("schema.json"),
        audit=inputs["audit"].read("audit.json"),
        gap=inputs["gap"].read("gap.json") if "gap" in decision.step.reads else None,
        selection=inputs["evaluate"].read("selection.json"),
        metrics=per_model(decision, inputs, "evaluate", "metrics.json"),
        training=_training(decision, inputs),
        explanations=_explanations(decision, inputs),
        segments=inputs["evaluate"].read("segments.parquet"),
        suspects=inputs["evaluate"].read("suspects.csv"),
        split=SplitFacts(int(parts["train"]), int(parts["test"]), len(features)),
        provenance=Provenance(
            data_sha256=bench.source.sha256,
            config=decision.step.settings["settings"],
            versions={name: version for name, version in _versions(inputs).items() if version},
            fingerprints={step: entry.manifest.fingerprint for step, entry in inputs.items()},
        ),
        failed=decision.step.failed,
    )
    report = draw(data)
    if data.figures and not report.figures:
        reason = "they need pip install 'phishcli[charts]'" if data.charts else "report.charts is false"
        bench.on_event(Notice(f"No figures were drawn: {reason}.", "warning"))
    files = {
        "report.html": report.html,
        "classification_report.txt": report.text,
        "model_card.md": report.card,
        "summary.json": report.summary,
        "label_suspects.csv": report.suspects,
    }
    return Output(files | report.figures, summary=", ".join(files))


def _training(decision: Decision, inputs: Inputs) -> dict[str, Training]:
    from phishcli.documents.training import Training

    documents = per_model(decision, inputs, "train", "training.json")
    return {model: Training.of_plain(document) for model, document in documents.items()}


def _explanations(decision: Decision, inputs: Inputs) -> dict[str, Any]:
    """What is known of each model that was explained; to explain one may have failed, or not have been asked for."""
    explained = [step for step in decision.step.reads if step.startswith("explain/")]
    return {step.partition("/")[2]: inputs[step].read("explanations.json") for step in explained}


def _versions(inputs: Inputs) -> dict[str, str | None]:
    return {name: found for entry in inputs.values() for name, found in sorted(entry.manifest.packages.items())}


def run_persist(bench: Bench, decision: Decision, inputs: Inputs) -> Output:
    """Put together a release of all models."""
    from phishcli.config.load import snapshot
    from phishcli.serving.release import WHY, level, model_metadata, next_version

    last = decision.previous
    differing = [change.key for change in changes(last.manifest.parts, decision.parts)] if last else []
    highest = bench.workspace.releases.highest()
    version = next_version(highest, differing)
    metrics = per_model(decision, inputs, "evaluate", "metrics.json")
    # Times differ from one training to the next: a release tells them, but does not depend on them.
    training = _training(decision, inputs)
    schema, features = bench.schema(inputs), bench.file(inputs["preprocess"], "features.json")
    selected = inputs["evaluate"].read("selection.json")["model"]
    files: dict[str, Any] = {
        "preprocessor.joblib": inputs["preprocess"].folder / "preprocessor.joblib",
        "schema.json": inputs["load"].folder / "schema.json",
        "config_snapshot.yaml": snapshot(bench.config),
    }
    for name in metrics:
        files[f"{name}_model.joblib"] = inputs[f"train/{name}"].folder / "model.joblib"
        files[f"{name}_metadata.json"] = model_metadata(
            version=version,
            schema=schema,
            features=features,
            metrics=metrics[name],
            training=training[name],
            provenance=_provenance(bench, inputs, name),
        )
    return Output(
        files,
        summary=f"v{version}: {WHY[level(differing)] if highest else 'the first release'}; {selected} selected",
        extra={"version": version, "selected": selected, "models": list(metrics), "differs": differing},
    )


def _provenance(bench: Bench, inputs: Inputs, name: str) -> dict[str, Any]:
    trained = inputs[f"train/{name}"].manifest
    return {
        "data": {"source": bench.source.origin, "sha256": bench.source.sha256},
        "packages": dict(trained.packages),
        "trained": trained.created,
        "git_commit": git_commit(),
    }


def git_commit() -> str | None:
    """Find the commit that is checked out in the current folder; None outside of a repository."""
    import shutil
    import subprocess

    git = shutil.which("git")
    if git is None:
        return None
    found = subprocess.run([git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S603 (fixed arguments)
    return found.stdout.strip() or None if found.returncode == 0 else None
