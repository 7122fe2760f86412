"""Models that are put together from the others in ``train.models``, declared like them but fitted nowhere."""

from __future__ import annotations

from functools import cache
from typing import Any

from phishcli.models.own_format import OwnFormat, Score
from phishcli.models.spec import ModelSpec


def _never(_: int) -> Any:
    raise TypeError("it is composed of fitted models")


def _write(estimator: Any) -> str:
    from phishcli.models.mean import write

    return write(estimator)


def _read(content: Any) -> Score:
    from phishcli.models.mean import read

    return read(content)


def mean_file(model: str) -> str:
    """The name of the file that holds a model whose fits were averaged."""
    return f"{model}_mean.txt"


@cache
def combined() -> dict[str, ModelSpec]:
    """The models that are combined from others, by name."""
    spec = ModelSpec(
        name="Ensemble",
        title="Ensemble",
        note="A weighted mean of the other models, with weights chosen to lower the log loss of the out-of-fold "
        "predictions (greedy selection with replacement). It needs no fit of its own; its scores over the folds "
        "are cross-fitted.",
        new=_never,
        own_format=OwnFormat("txt", _write, _read),
        complexity=3,
    )
    return {spec.name: spec}
