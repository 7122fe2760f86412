"""The explain stage: for every model of the registry, on a table whose answer is known."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli.documents.explanations import Explanations, Importance
from phishcli.documents.features import Feature, Features
from phishcli.errors import EvaluateError
from phishcli.evaluation.explain_model import explain
from phishcli.models import EarlyStopping, get, registry
from phishcli.tables.memory import MemoryTable

PROCESSED = Features(
    features=(
        Feature(name="Signal", column="Signal", role="numeric", kind="value"),
        Feature(name="Signal_Missing", column="Signal", role="numeric", kind="indicator"),
        Feature(name="Noise", column="Noise", role="numeric", kind="value"),
        Feature(name="Host_b", column="Host", role="categorical", kind="category", category="b"),
    )
)


LONGER: dict[str, dict[str, Any]] = {"NeuralNetwork": {"early_stopping": False, "max_iter": 500}}
"""What it takes to learn from so few rows."""


@cache
def table(rows: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Processed rows with their target, and the same as the table has them."""
    rng = np.random.default_rng(0)
    target = rng.integers(0, 2, rows)
    signal, noise, host = rng.normal(2.5 * target), rng.normal(size=rows), rng.integers(0, 2, rows)
    raw = pd.DataFrame({"Signal": signal, "Noise": noise, "Host": pd.Categorical(np.where(host == 1, "b", "a"))})
    matrix = np.column_stack([signal, np.zeros(rows), noise, host])
    processed = pd.DataFrame(matrix, columns=PROCESSED.names).astype(np.float32)
    return processed.assign(target=target.astype(np.int8)), raw


def trained(name: str, early: EarlyStopping | None = None, **params: Any) -> Any:
    spec, (processed, _) = get(name), table()
    model = spec.build(params, seed=0)
    x, y = processed.drop(columns="target").to_numpy(np.float32), processed["target"].to_numpy()
    if early and spec.fit_early:
        spec.fit_early(model, x, y, early)
    else:
        model.fit(x.astype(spec.dtype), y)
    return model


def explained(name: str, model: Any) -> Explanations:
    processed, raw = table()
    return explain(model, name, MemoryTable.of_frame(processed), raw=raw.iloc.__getitem__, features=PROCESSED)


@pytest.mark.parametrize("name", registry())
def test_every_model_relies_on_the_signal_most_and_says_so_in_json(name: str) -> None:
    found = explained(name, trained(name, **LONGER.get(name, {})))
    assert Explanations.of_plain(json.loads(json.dumps(found.to_plain(), allow_nan=False))) == found
    assert {each.feature for each in found.permutation} == {"Signal", "Noise", "Host"}
    first = found.permutation[0]
    assert first.feature == "Signal"
    assert first.drop > 0.2
    curve = [point.probability for point in found.partial_dependence["Signal"]]
    assert curve[-1] - curve[0] > 0.5
    assert {point.value for point in found.partial_dependence["Host"]} == {"a", "b"}


@pytest.mark.parametrize("name", [name for name, spec in registry().items() if spec.contributions])
@pytest.mark.parametrize("early", [None, EarlyStopping(patience=3, share=0.2, seed=0)], ids=["to the end", "stopped"])
def test_contributions_add_up_to_the_log_odds_but_for_a_constant(name: str, early: EarlyStopping | None) -> None:
    model, (processed, _) = trained(name, early), table()
    x = processed.drop(columns="target").to_numpy(np.float32)
    added = np.asarray(get(name).contributions(model, x), dtype=float)  # type: ignore[misc]  # those that have it
    assert added.shape == x.shape
    probability = model.predict_proba(x)[:, 1].astype(float)
    rest = np.log(probability / (1 - probability)) - added.sum(axis=1)
    assert np.ptp(rest) < 1e-3


def test_only_linear_models_have_coefficients_one_for_each_processed_feature() -> None:
    weights = explained("LogisticRegression", trained("LogisticRegression")).coefficients
    assert weights is not None
    assert list(weights) == PROCESSED.names
    assert weights["Signal"] > 1
    assert explained("RandomForest", trained("RandomForest", n_estimators=5)).coefficients is None


def test_a_model_that_cannot_be_explained_is_named_with_the_way_out() -> None:
    with pytest.raises(EvaluateError, match="Broken cannot be explained: ") as caught:
        explained("Broken", object())
    assert caught.value.hint == "Skip explanations: --set evaluate.explain=false"


def test_a_rare_class_is_kept_where_only_some_rows_are_drawn() -> None:
    rng = np.random.default_rng(3)
    target = np.arange(20_000) < 12
    signal = rng.normal(size=20_000) + 4 * target
    noise = rng.normal(size=20_000)
    raw = pd.DataFrame({"Signal": signal, "Noise": noise, "Host": pd.Categorical(["a"] * 20_000)})
    matrix = np.column_stack([signal, np.zeros(20_000), noise, np.zeros(20_000)])
    processed = pd.DataFrame(matrix, columns=PROCESSED.names).astype(np.float32).assign(target=target.astype(np.int8))
    found = explain(
        trained("LogisticRegression"),
        "LogisticRegression",
        MemoryTable.of_frame(processed),
        raw=raw.iloc.__getitem__,
        features=PROCESSED,
    )
    # A thousand rows drawn at random hold 0.6 positive ones on average: nothing could be measured.
    assert found.leading == ["Signal"]
    assert found.permutation[0].drop == pytest.approx(0.5, abs=0.1)  # from nearly 1 to chance
    assert found.rows == 1_000


def test_without_skill_nothing_is_relied_on() -> None:
    losses = [("a", -0.001, 0.002), ("b", -0.01, 0.004), ("c", -0.02, 0.001)]
    for shift in (0.0, 0.0012):  # all negative, or one positive within its own spread
        permutation = tuple(Importance(feature=name, drop=drop + shift, std=std) for name, drop, std in losses)
        found = Explanations(
            rows=9, permutation=permutation, contributions=None, coefficients=None, partial_dependence={}
        )
        assert found.leading == []


def test_what_leads_stands_out_and_is_of_some_weight() -> None:
    losses = [("a", 0.2, 0.01), ("unsure", 0.15, 0.1), ("b", 0.1, 0.01), ("small", 0.03, 0.001)]
    permutation = tuple(Importance(feature=name, drop=drop, std=std) for name, drop, std in losses)
    found = Explanations(rows=9, permutation=permutation, contributions=None, coefficients=None, partial_dependence={})
    assert found.leading == ["a", "b"]
