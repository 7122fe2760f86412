"""Calling the stages that judge models: evaluate, one by one and over all, and explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.artifacts import Output
from phishcli.execute.bench import Bench, Inputs, counted, models_of, per_model

if TYPE_CHECKING:
    from phishcli.plan import Decision
    from phishcli.types import Scored


def run_evaluate_model(bench: Bench, decision: Decision, inputs: Inputs) -> Output:
    """Score one model on the test part."""
    from phishcli.evaluation.evaluate import evaluate

    name = decision.step.model
    split = bench.file(inputs["preprocess"], "split.parquet")
    rows = split.loc[split["part"] == "test", "row"].to_numpy()
    target = bench.file(inputs["load"], "target.parquet").iloc[rows]
    evaluated = evaluate(
        bench.config.evaluate,
        inputs[f"train/{name}"].read("model.joblib"),
        name,
        bench.file(inputs["preprocess"], "test.parquet"),
        oof=inputs[f"train/{name}"].read("oof.parquet"),
        rows=rows,
        labels=target["label"],
        groups=target.get("group"),
        on_event=bench.on_event,
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


def run_evaluate(bench: Bench, decision: Decision, inputs: Inputs) -> Output:
    """Put the models side by side and select one."""
    from phishcli.evaluation.compare import compare

    loaded, models = inputs["load"], _scored(decision, inputs)
    compared = compare(
        bench.config.evaluate,
        models,
        features=bench.file(loaded, "features.parquet"),
        target=bench.file(loaded, "target.parquet"),
        keys=bench.file(loaded, "keys.parquet"),
        findings=inputs["audit"].read("audit.json")["findings"],
        costs=_costs(bench, decision, inputs),
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


def _scored(decision: Decision, inputs: Inputs) -> dict[str, Scored]:
    from phishcli.types import Scored

    return {
        model: Scored(
            metrics=inputs[f"evaluate/{model}"].read("metrics.json"),
            predictions=inputs[f"evaluate/{model}"].read("predictions.parquet"),
            resamples=inputs[f"evaluate/{model}"].read("resamples.parquet"),
            oof=inputs[f"train/{model}"].read("oof.parquet"),
        )
        for model in models_of(decision)
    }


def _costs(bench: Bench, decision: Decision, inputs: Inputs) -> dict[str, float] | None:
    """What ``prefer`` goes by: how complex a model is, or the time it takes for a row."""
    if bench.config.evaluate.prefer == "fast":
        timing = per_model(decision, inputs, "evaluate", "timing.json")
        return {model: found["predict"] / found["rows"] for model, found in timing.items()}
    return decision.step.settings.get("complexity")


def run_explain_model(bench: Bench, decision: Decision, inputs: Inputs) -> Output:
    """Say what one model looks at."""
    from phishcli.evaluation.explain_model import explain

    name = decision.step.model
    split = bench.file(inputs["preprocess"], "split.parquet")
    explanations = explain(
        inputs[f"train/{name}"].read("model.joblib"),
        name,
        bench.file(inputs["preprocess"], "test.parquet"),
        raw=bench.file(inputs["load"], "features.parquet").iloc[split.loc[split["part"] == "test", "row"]],
        described=bench.file(inputs["preprocess"], "features.json")["features"],
        seed=bench.config.evaluate.seed,
    )
    top = ", ".join(each["feature"] for each in explanations["permutation"][:3])
    return Output({"explanations.json": explanations}, summary=f"looks at {top}")
