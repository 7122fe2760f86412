"""Requirements of ``phish gate``: how they are read and checked."""

from __future__ import annotations

import pytest

from phishcli.documents.metrics import Score
from phishcli.errors import ConfigError
from phishcli.evaluation.requirements import Requirement, RequirementResult

EXAMPLE = "For example: --require 'accuracy>=0.82' --require 'tpr@fpr=0.01>=0.3:lower'"
SCORES = {
    "accuracy": Score(value=0.84, low=0.82, high=0.86),
    "fpr": Score(value=0.17, low=0.15, high=0.19),
    "tpr@fpr=0.01": Score(value=0.5),
    "tpr@fpr=0.001": Score(value=None),
}


@pytest.mark.parametrize(
    ("text", "met", "detail"),
    [
        ("accuracy>=0.84", True, "it is 0.8400"),
        ("accuracy>0.84", False, "it is 0.8400"),
        ("Accuracy >= 0.83 : lower", False, "its lower bound is 0.8200"),
        ("fpr<=0.18", True, "it is 0.1700"),
        ("fpr<=0.18:upper", False, "its upper bound is 0.1900"),
        ("tpr@fpr=0.01>=0.3", True, "it is 0.5000"),
        ("tpr@fpr=0.01>=0.3:lower", False, "it has no interval"),
        ("tpr@fpr=0.001>=0", False, "it is not resolvable on so few rows"),
    ],
)
def test_a_requirement_is_checked_against_the_number_it_asks_for(text: str, met: bool, detail: str) -> None:
    result = Requirement.parse(text).check(SCORES)
    assert (result.met, result.detail) == (met, detail)


@pytest.mark.parametrize(
    ("text", "metric", "measured", "met", "detail"),
    [
        (" accuracy>=0.83 ", "accuracy", 0.84, True, "it is 0.8400"),
        ("FPR<=1:upper", "fpr", 0.19, True, "its upper bound is 0.1900"),
        ("tpr@fpr=0.01>0:upper", "tpr@fpr=0.01", None, False, "it has no interval"),
        ("recall>=0.5:lower", "recall", None, False, "its interval has no width, which proves nothing"),
        ("recall>=0.5", "recall", 1.0, True, "it is 1.0000"),
    ],
)
def test_a_result_names_requirement_metric_and_the_number_that_decided(
    text: str, metric: str, measured: float | None, met: bool, detail: str
) -> None:
    scores = {**SCORES, "recall": Score(value=1.0, low=1.0, high=1.0)}
    result = Requirement.parse(text).check(scores)
    assert result == RequirementResult(text.strip(), metric, measured, met=met, detail=detail)


@pytest.mark.parametrize(
    ("text", "measured", "met"),
    [("fpr<0.17", 0.17, False), ("fpr<0.1701", 0.17, True), ("fpr<=1.7e-1", 0.17, True), ("fpr>+0.1", 0.17, True)],
)
def test_limits_may_be_strict_signed_or_with_an_exponent(text: str, measured: float, met: bool) -> None:
    result = Requirement.parse(text).check(SCORES)
    assert (result.measured, result.met) == (measured, met)


@pytest.mark.parametrize("text", ["accuracy", "accuracy=0.8", ">=0.8", "accuracy>=much", "accuracy>=0.8:middle", ""])
def test_what_is_no_requirement_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a requirement") as caught:
        Requirement.parse(text)
    assert (caught.value.where, caught.value.hint) == ("--require", EXAMPLE)


def test_a_number_with_two_points_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'0\.8\.1' is not a number") as caught:
        Requirement.parse("accuracy>=0.8.1")
    assert (caught.value.where, caught.value.hint) == ("--require accuracy>=0.8.1", EXAMPLE)


def test_an_unknown_metric_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="There is no metric 'acuracy'") as caught:
        Requirement.parse("acuracy>=0.8")
    assert caught.value.where == "--require acuracy>=0.8"
    assert caught.value.hint == "Did you mean accuracy?"
    with pytest.raises(ConfigError) as caught:
        Requirement.parse("xyz>=0.8")
    assert all(name in str(caught.value.hint) for name in ("accuracy", "roc_auc", "tpr@fpr=0.01"))
