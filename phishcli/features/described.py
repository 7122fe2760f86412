"""What the outputs of a fitted preprocessor are, taken from its parts, so that no second list can differ from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from phishcli.documents.features import Feature, Features, Kind
from phishcli.features.clean import unused
from phishcli.features.parts import LEARNED, ONE_HOT, PAIRS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

    from phishcli.documents.features import View
    from phishcli.documents.schema import Column, Schema


class Output(NamedTuple):
    """One output: the column it comes from (of an interaction: its name), what it is, and what tells it from others."""

    column: str
    kind: Kind | None
    category: object = None
    note: str = ""


def outputs_of(preprocessor: Pipeline) -> list[Output]:
    """The outputs of all parts, in order; ``kind`` is None for a number or an indicator."""
    parts = preprocessor.named_steps["columns"].transformers_
    return [output for name, step, columns in parts if len(columns) for output in _of_part(name, step, list(columns))]


def _of_part(name: str, step: Any, columns: list[str]) -> Iterator[Output]:
    if name.startswith(LEARNED):
        yield Output(columns[0], _learned_kind(step.estimator.named_steps["learn"]))
    elif name.startswith(ONE_HOT):
        yield from _one_hot(columns[0], step.estimator.named_steps["encode"])
    elif name.startswith(PAIRS):
        yield from (Output(pair.name, "interaction") for pair in step.named_steps["pairs"].as_pairs())
    elif hasattr(step, "categories_"):
        for column, categories in zip(columns, step.categories_, strict=True):
            yield from (Output(column, "category", category) for category in categories[1:])
    else:
        yield from (Output(column, None, note=name.partition(":")[2]) for column in columns)


def _learned_kind(encoder: Any) -> Kind:
    if hasattr(encoder, "weights_"):
        return "score"
    kind: Kind = getattr(encoder, "kind", "code") if hasattr(encoder, "table") else "share"
    return kind


def frequent_and_rare(encoder: Any) -> tuple[list[str | None], list[str | None]]:
    """The categories of an encoder of one column: those with an output, but the first, and those that are merged."""
    merged = getattr(encoder, "infrequent_categories_", [None])[0] if encoder.min_frequency is not None else None
    rare = [] if merged is None else merged.tolist()
    return [name for name in encoder.categories_[0].tolist() if name not in rare], rare


def _one_hot(column: str, encoder: Any) -> Iterator[Output]:
    frequent, rare = frequent_and_rare(encoder)
    yield from (Output(column, "category", category) for category in frequent[1:])
    if rare and frequent:
        yield Output(column, "rare")


def discrete_outputs(preprocessor: Pipeline) -> NDArray[np.bool_]:
    """Which outputs have a few values only: marks of categories, and their codes."""
    return np.array([each.kind in ("category", "rare", "code") for each in outputs_of(preprocessor)])


def describe_features(preprocessor: Pipeline, schema: Schema, views: Sequence[View] = ()) -> Features:
    """Say for each output column of a fitted preprocessor where it comes from; all names are different."""
    columns = {column.name: column for column in schema.columns}
    outputs = outputs_of(preprocessor)
    if "select" in preprocessor.named_steps:
        outputs = [outputs[place] for place in preprocessor.named_steps["select"].kw_args["indices"]]
    taken = {"target"}
    described = []
    for output in outputs:
        feature = _feature(output, columns.get(output.column), taken)
        taken.add(feature.name)
        described.append(feature)
    return Features(features=tuple(described), views=tuple(views))


def _feature(output: Output, column: Column | None, taken: set[str]) -> Feature:
    name = {"category": f"{output.column}_{output.category}", "rare": f"{output.column}_rare"}.get(
        output.kind or "", f"{output.column} [{output.note}]" if output.note else output.column
    )
    of = column.indicator_of if column else None
    return Feature(
        name=unused(name, taken),
        column=of or output.column,
        role=column.role if column else "numeric",
        kind=output.kind or ("indicator" if of else "value"),
        category=output.category if isinstance(output.category, str) else None,
    )
