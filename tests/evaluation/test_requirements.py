"""Requirements of ``phish gate``: how they are read and checked."""

from __future__ import annotations

import pytest

from phishcli.documents.metrics import Score
from phishcli.errors import ConfigError
from phishcli.evaluation.requirements import Requirement

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


@pytest.mark.parametrize("text", ["accuracy", "accuracy=0.8", ">=0.8", "accuracy>=much", "accuracy>=0.8:middle", ""])
def test_what_is_no_requirement_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a requirement") as caught:
        Requirement.parse(text)
    assert "--require 'accuracy>=0.82'" in str(caught.value.hint)


def test_a_number_with_two_points_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'0\.8\.1' is not a number"):
        Requirement.parse("accuracy>=0.8.1")


def test_an_unknown_metric_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="There is no metric 'acuracy'") as caught:
        Requirement.parse("acuracy>=0.8")
    assert "accuracy, precision, recall" in str(caught.value.hint)
