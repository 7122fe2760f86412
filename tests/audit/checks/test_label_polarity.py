"""Whether the labels mean the opposite of what the names of the columns suggest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

LABEL = np.arange(600) % 2


def table(phishing: np.ndarray) -> dict[str, Any]:
    """Pages as they are: phishing ones have long addresses, few lines and young domains."""
    random = np.random.default_rng(0)
    return {
        "LineOfCode": random.exponential(np.where(phishing, 50, 800)),
        "URLLength": random.poisson(np.where(phishing, 70, 25)),
        "NoOfImage": random.poisson(np.where(phishing, 2, 30)),
        "domain_age": np.where(random.random(600) < 0.2, np.nan, random.exponential(np.where(phishing, 100, 3000))),
        "other": random.normal(size=600),
    }


def test_reversed_labels_are_found(found: Callable) -> None:
    (finding,) = found("label-polarity", table(LABEL == 0), LABEL)
    assert finding.severity == "warning"
    assert finding.numbers == {"against": ["LineOfCode", "URLLength", "NoOfImage", "domain_age"], "along": []}
    assert finding.detail == (
        "4 of 4 columns with a known meaning contradict the labels: rows of the positive class, 'phishing', "
        "look legitimate in LineOfCode, URLLength, NoOfImage, domain_age."
    )
    assert "--positive-label" in finding.advice


def test_labels_that_mean_what_they_say_are_no_finding(found: Callable) -> None:
    assert not found("label-polarity", table(LABEL == 1), LABEL)


def test_columns_that_do_not_agree_are_no_finding(found: Callable) -> None:
    columns = table(LABEL == 0)
    columns["URLLength"] = columns["URLLength"].max() - columns["URLLength"]
    columns["NoOfImage"] = columns["NoOfImage"].max() - columns["NoOfImage"]
    assert not found("label-polarity", columns, LABEL)


def test_columns_without_a_direction_do_not_vote(found: Callable) -> None:
    columns = table(LABEL == 0)
    columns["NoOfImage"] = columns["domain_age"] = np.random.default_rng(1).normal(size=600)
    assert not found("label-polarity", columns, LABEL)


def test_columns_coded_minus_1_0_and_1_may_go_either_way(applies: Callable) -> None:
    names = ["having_IP_Address", "URL_Length", "age_of_domain", "SSLfinal_State", "Page_Rank", "Prefix_Suffix"]
    codes = np.random.default_rng(0).integers(-1, 2, (600, 6))
    assert applies("label-polarity", dict(zip(names, codes.T + 2, strict=True)), LABEL)
    assert not applies("label-polarity", dict(zip(names, codes.T, strict=True)), LABEL)


def test_unknown_names_are_nothing_to_look_at(applies: Callable) -> None:
    assert not applies("label-polarity", dict.fromkeys(("a", "b", "c", "d"), LABEL), LABEL)
