"""What the program prints is accepted where the same thing is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from phishcli.config import resolve_config
from phishcli.config.schema import MaxFpr
from phishcli.errors import ConfigError
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.metrics import METRICS
from phishcli.evaluation.requirements import Requirement
from phishcli.evaluation.thresholds import choose


def value(key: str, text: str) -> Any:
    section, name = key.split(".", maxsplit=1)[0], key.split(".")[1:]
    found: Any = getattr(resolve_config(sets=[f"{key}={text}"], environ={}).config, section)
    for part in name:
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_known_by_its_label_and_its_name_in_any_case(metric: Any) -> None:
    for text in (metric.name, metric.label, metric.label.upper(), metric.name.upper(), f" {metric.label} "):
        assert value("evaluate.select_by", text) == metric.name
        assert value("train.tune.scoring", text) == metric.name
        assert Requirement.parse(f"{text}>=0.5").metric == metric.name
        assert Requirement.parse(f"{text} <= 0.5:upper").metric == metric.name


@pytest.mark.parametrize(
    ("text", "compare", "limit"),
    [("ROC-AUC ≥ 0.7", "≥", 0.7), ("FPR<=0.5%", "<=", 0.005), ("F1>=82 %:lower", ">=", 0.82), ("fpr<1e-3", "<", 0.001)],
)
def test_limits_may_be_percentages(text: str, compare: str, limit: float) -> None:
    found = Requirement.parse(text)
    assert (found.compare, found.limit) == (compare, limit)
    assert found.text == text


@pytest.mark.parametrize("text", ["accurcy>=0.5", "TPR at 5% FPR>=0.1", "CV>=0.1"])
def test_a_metric_that_does_not_exist_is_an_error_with_a_hint(text: str) -> None:
    with pytest.raises(ConfigError, match="no metric"):
        Requirement.parse(text)
    with pytest.raises(ConfigError):
        value("evaluate.select_by", text.partition(">=")[0])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("max_fpr=0.01", {"max_fpr": 0.01, "confidence": 0.95}),
        ("max_fpr=1%, confidence=90%", {"max_fpr": 0.01, "confidence": 0.9}),
        ("cost_ratio=10", {"cost_ratio": 10, "base_rate": None}),
        (" cost_ratio = 2.5 , base_rate = 0.1% ", {"cost_ratio": 2.5, "base_rate": 0.001}),
    ],
)
def test_a_rule_may_be_written_as_it_is_shown(text: str, rule: dict[str, object]) -> None:
    assert value("evaluate.threshold", text).model_dump() == rule


def test_the_name_of_a_chosen_rule_gives_the_same_rule() -> None:
    for rule in ("max_f1", "youden", 0.4, MaxFpr(max_fpr=0.1)):
        shown = choose(rule, ScoredRows.validated(*scores())).rule
        assert value("evaluate.threshold", shown) == rule


def scores() -> tuple[Any, Any]:
    import numpy as np

    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    return y, np.clip(y * 0.3 + rng.random(400) * 0.7, 0, 1)


@pytest.mark.parametrize("text", ["max_fpr=", "max_fpr=x", "max_fpr=2", "fpr=0.1", "max_fpr=0.1 0.2", "max_fpr=0.1,,"])
def test_what_is_no_rule_is_an_error(text: str) -> None:
    with pytest.raises(ConfigError, match="threshold"):
        value("evaluate.threshold", text)


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("operation.base_rate", "0.1%", 0.001),
        ("operation.base_rate", "0.3%", 0.003),
        ("preprocess.split.test_size", "25 %", 0.25),
        ("operation.volume", "200,000", 200_000),
        ("operation.volume", "1,234,567.5", 1_234_567.5),
        ("train.tune.time_budget", "3 min 05 s", 185),
        ("train.tune.time_budget", "42 s", 42),
        ("train.tune.time_budget", "1h30m", 5400),
        ("train.tune.time_budget", "1 h 2 min", 3720),
        ("run.memory", "4GB", 4_000_000_000),
        ("run.memory", "1.5 GiB", 1_610_612_736),
        ("run.memory", "900m", 900_000_000),
        ("run.memory", "2,000 MB", 2_000_000_000),
    ],
)
def test_shares_amounts_and_times_are_read_as_they_are_shown(key: str, text: str, expected: float) -> None:
    assert value(key, text) == expected


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("operation.base_rate", "%"),
        ("operation.base_rate", "150%"),
        ("operation.volume", "1,2"),
        ("operation.volume", "12,34,567"),
        ("train.tune.time_budget", "3 minutes"),
        ("run.memory", "much"),
        ("run.memory", "-4GB"),
        ("run.memory", "499MB"),
        ("train.tune.time_budget", ""),
    ],
)
def test_what_could_mean_two_things_is_an_error(key: str, text: str) -> None:
    if text or not key.endswith("time_budget"):
        with pytest.raises(ConfigError, match=key):
            value(key, text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("100us", 1e-4), ("1.5 ms", 1.5e-3), ("20µs", 2e-5), ("0.1s", 0.1), (0.2, 0.2)]
)
def test_a_latency_is_a_short_time(text: object, seconds: float) -> None:
    overrides = {"train.ensemble.max_latency": (text, "--max-latency")}
    assert resolve_config((), overrides=overrides).config.train.ensemble.max_latency == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["fast", "-1ms", "0us", "1m"])
def test_a_latency_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"train\.ensemble\.max_latency: should be"):
        resolve_config((), overrides={"train.ensemble.max_latency": (text, "--max-latency")})


def test_a_budget_implies_a_search_of_more_models_unless_something_else_is_said() -> None:
    budget = {"train.budget": ("2m", "--budget")}
    implied = resolve_config((), overrides=budget)
    assert implied.config.train.budget == 120
    assert implied.config.train.tune.enabled
    assert "Ensemble" in implied.config.train.models
    assert implied.origins["train.models"] == "train.budget"
    own = resolve_config((), overrides={**budget, "train.models": (["KNN", "SVM"], "--models")}).config
    assert own.train.models == ("KNN", "SVM")
    assert not resolve_config(()).config.train.tune.enabled
    off = {**budget, "evaluate.select_by": ("f1", "--set")}
    assert resolve_config((), overrides=off).config.evaluate.select_by == "f1"
