"""Several settings side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from phishcli.errors import ConfigError
from phishcli.evaluation.significance import corrected_t
from phishcli.sweep import MOST, combinations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_all_combinations_are_run() -> None:
    found = combinations(["a.b=1,2", "c= x , y,x"])
    assert found == [{"a.b": one, "c": other} for one in "12" for other in "xy"]


@pytest.mark.parametrize("given", ["a.b", "a.b=", "a.b=1", "a.b=1,1", "=1,2"])
def test_a_sweep_needs_a_setting_with_several_values(given: str) -> None:
    with pytest.raises(ConfigError, match=r"names no setting with several values"):
        combinations([given])


def test_there_is_a_limit() -> None:
    with pytest.raises(ConfigError, match=f"at most {MOST}"):
        combinations([f"a={','.join(map(str, range(9)))}", f"b={','.join(map(str, range(9)))}"])


@pytest.fixture
def swept(tmp_path: Path, phish: Callable) -> Callable[..., Any]:
    random = np.random.default_rng(0)
    label = random.integers(0, 2, 800)
    size = np.exp(random.normal(size=800) * 4 + label * 16)  # on its own scale, a line through it says less
    pd.DataFrame({"size": size, "label": label}).to_csv(tmp_path / "t.csv", index=False)

    def run(*more: str) -> Any:
        options = ("--target=label", "--positive-label=1", "--models=LogisticRegression", "--set=evaluate.n_boot=20")
        return phish("run-all", str(tmp_path / "t.csv"), *options, *more)

    return run


def test_what_is_better_by_more_than_noise_is_said(swept: Callable[..., Any]) -> None:
    found = swept("--sweep=preprocess.numeric.log=true,false", "--json").document
    first, second = found["variants"]
    assert first["settings"] == {"preprocess.numeric.log": "true"}
    assert second["significant"] is True
    assert found["verdict"] == "log=true is significantly better than all others over the folds."
    assert second["difference"] == pytest.approx(first["cv"] - second["cv"])


def test_what_all_runs_notice_is_said_once(phish: Callable) -> None:
    quick = ("--models=LogisticRegression", "--set=evaluate.n_boot=0")
    said = phish("run-all", "--source=sample", *quick, "--sweep=train.seed=1,2")
    assert said.err.count("sample is synthetic") == 1


def test_what_makes_no_difference_is_said(swept: Callable[..., Any]) -> None:
    said = swept("--set=preprocess.numeric.log=true", "--sweep=preprocess.numeric.scale=robust,standard")
    assert "every other value is statistically indistinguishable from it" in " ".join(said.out.split())
    assert [line.split()[0] for line in said.out.splitlines()[2:4]] in (["robust", "standard"], ["standard", "robust"])


def test_other_folds_cannot_be_compared(swept: Callable[..., Any]) -> None:
    found = swept("--sweep=preprocess.folds=4,5", "--json").document
    assert "cannot be tested" in found["verdict"]
    assert all(each["difference"] is None for each in found["variants"])


def test_the_test_is_the_corrected_one_over_the_folds(swept: Callable[..., Any]) -> None:
    found = swept("--sweep=preprocess.numeric.log=true,false", "--json").document["variants"]
    assert corrected_t(np.array([0.1, 0.2, 0.15, 0.1, 0.2]), n_train=4, n_test=1, confidence=0.95).p < 0.05
    assert found[1]["low"] <= found[1]["difference"] <= found[1]["high"]
