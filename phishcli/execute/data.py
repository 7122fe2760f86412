"""Calling the stages that make and look at the table: load, preprocess, audit, gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.artifacts import Output
from phishcli.execute.bench import Bench, Inputs, counted

if TYPE_CHECKING:
    from phishcli.plan import Decision


def run_load(bench: Bench, decision: Decision, inputs: Inputs) -> Output:  # noqa: ARG001 (the source is all it reads)
    """Read the table and find out what is in it."""
    from phishcli.audit.table_audit import audit_table
    from phishcli.features.loading import load
    from phishcli.sources.readers.tables import read_table
    from phishcli.tables.memory import MemoryTable

    table, name = read_table(bench.source, table=bench.config.load.table, on_event=bench.on_event)
    split = bench.config.preprocess.split
    loaded = load(
        bench.config.load,
        MemoryTable(table),
        name=name,
        origin=bench.source.origin,
        synthetic=bench.source.synthetic,
        split_by={word: column for word, column in (("group", split.group), ("time", split.time)) if column},
        on_event=bench.on_event,
    )
    schema = loaded.schema
    return Output(
        {
            "features.parquet": loaded.features,
            "target.parquet": loaded.target,
            "keys.parquet": loaded.keys,
            "schema.json": schema,
            "audit.json": audit_table(bench.config.audit.ignore, loaded, on_event=bench.on_event),
        },
        summary=f"{counted(schema.rows, 'row')}, {counted(len(schema.columns), 'feature')}, "
        f"{schema.positives / schema.rows:.1%} positive",
    )


def run_preprocess(bench: Bench, decision: Decision, inputs: Inputs) -> Output:  # noqa: ARG001 (one signature for all)
    """Part the rows, and fit the transformation on the training part."""
    from phishcli.features.preprocessing import preprocess

    loaded = inputs["load"]
    made = preprocess(
        bench.config.preprocess,
        bench.table(loaded, "features.parquet"),
        bench.file(loaded, "target.parquet"),
        bench.schema(inputs),
        on_event=bench.on_event,
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


def run_audit(bench: Bench, decision: Decision, inputs: Inputs) -> Output:  # noqa: ARG001 (one signature for all)
    """Add to the findings on the table those on its parts."""
    from phishcli.audit.split_audit import audit_split, count_severities
    from phishcli.documents.findings import Findings

    loaded = inputs["load"]
    findings = audit_split(
        bench.config.audit.ignore,
        table=Findings.of_plain(loaded.read("audit.json")),
        features=bench.table(loaded, "features.parquet"),
        target=bench.file(loaded, "target.parquet"),
        schema=bench.schema(inputs),
        keys=bench.table(loaded, "keys.parquet"),
        split=bench.file(inputs["preprocess"], "split.parquet"),
        on_event=bench.on_event,
    )
    return Output({"audit.json": findings}, summary=count_severities(findings))


def run_gap(bench: Bench, decision: Decision, inputs: Inputs) -> Output:  # noqa: ARG001 (one signature for all)
    """Score one model on splits of different honesty."""
    from phishcli.evaluation.gap import gap

    loaded = inputs["load"]
    found = gap(
        bench.config.preprocess,
        bench.config.evaluate,
        seed=bench.config.train.seed,
        features=bench.table(loaded, "features.parquet"),
        target=bench.file(loaded, "target.parquet"),
        schema=bench.schema(inputs),
        keys=bench.table(loaded, "keys.parquet"),
        threads=bench.jobs,
        on_event=bench.on_event,
    )
    lost = [each.value for each in found.losses]
    most = f", the accuracy at most {max(*lost, 0.0):.4f} lower than at random" if lost else ""
    return Output({"gap.json": found}, summary=f"{counted(len(found.splits), 'split')}{most}")
