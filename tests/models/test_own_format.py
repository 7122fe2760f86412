"""A fitted model in the format of its own library predicts to the bit what its estimator does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from phishcli.models import EarlyStopping, registry, safe
from phishcli.serving.release import own_format_file

WITH = [name for name, spec in registry().items() if spec.own_format]
PARAMS: dict[str, list[dict[str, Any]]] = {
    "XGBoost": [
        {},
        {"booster": "dart"},
        {"num_parallel_tree": 4, "subsample": 0.5, "n_estimators": 1},
        {"objective": "binary:hinge"},
        {"scale_pos_weight": 3.0, "base_score": 0.1},
        {"max_depth": 0, "max_leaves": 9, "grow_policy": "lossguide"},
    ],
    "LightGBM": [
        {},
        {"boosting_type": "dart"},
        {"boosting_type": "rf", "subsample": 0.5},
        {"boosting_type": "goss", "subsample": 1.0},
        {"objective": "cross_entropy"},
        {"class_weight": "balanced"},
    ],
}
CASES = [(name, params) for name in WITH for params in PARAMS[name]]


def table(rows: int = 600) -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 6)).astype(np.float32)
    return x, (x[:, 0] + x[:, 1] * x[:, 2] + random.normal(size=rows) > 0).astype(np.int8)


@pytest.mark.parametrize(("name", "params"), CASES)
def test_it_predicts_what_the_estimator_does(name: str, params: dict[str, Any]) -> None:
    x, y = table()
    estimator = registry()[name].build(params, seed=1).fit(x, y)
    own = registry()[name].own_format
    assert own is not None
    assert own.holds(estimator.get_params())
    read = own.read(own.write(estimator))
    huge = np.array([[0] * 6, [3.4e38] * 6, [-3.4e38] * 6, [1e-45] * 6], dtype=np.float32)
    for asked in (x, x[:1], huge):
        assert np.array_equal(read(asked), estimator.predict_proba(asked)[:, 1])
    assert list(own_format_file(name, estimator, 6)) == [f"{name}_model.{own.suffix}"]


@pytest.mark.parametrize("name", WITH)
def test_it_stops_where_early_stopping_stopped(name: str) -> None:
    spec = registry()[name]
    x, y = table()
    estimator = spec.build({"n_estimators": 200, "learning_rate": 0.5}, seed=1)
    assert spec.fit_early is not None
    spec.fit_early(estimator, x, y, EarlyStopping(patience=3, share=0.2, seed=1))
    assert spec.own_format is not None
    read = spec.own_format.read(spec.own_format.write(estimator))
    assert np.array_equal(read(x), estimator.predict_proba(x)[:, 1])


def test_a_linear_booster_is_kept_as_an_estimator_only() -> None:
    x, y = table()
    estimator = registry()["XGBoost"].build({"booster": "gblinear"}, seed=1).fit(x, y)
    assert own_format_file("XGBoost", estimator, 6) == {}


def test_a_model_that_would_predict_something_else_is_kept_as_an_estimator_only() -> None:
    x, y = table()
    estimator = registry()["XGBoost"].build({}, seed=1).fit(x, y)
    other = registry()["XGBoost"].build({}, seed=1).fit(x, 1 - y)
    estimator.predict_proba = other.predict_proba
    assert own_format_file("XGBoost", estimator, 6) == {}


def test_a_model_of_scikit_learn_is_written_as_data_where_skops_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = table()
    fitted = registry()["NaiveBayes"].build({}, seed=1).fit(x, y)
    assert list(own_format_file("NaiveBayes", fitted, 6)) == ["NaiveBayes_model.skops"]
    monkeypatch.setattr(safe, "is_installed", lambda: False)
    assert own_format_file("NaiveBayes", fitted, 6) == {}


@pytest.mark.parametrize("name", WITH)
def test_it_opens_without_scikit_learn_and_without_this_package(name: str, tmp_path: Path) -> None:
    x, y = table(100)
    estimator = registry()[name].build({}, seed=1).fit(x, y)
    [(file, content)] = own_format_file(name, estimator, 6).items()
    (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    np.save(tmp_path / "x.npy", x)
    calls = {
        "XGBoost": "import xgboost; found = xgboost.Booster(model_file={file!r}).inplace_predict(x)",
        "LightGBM": "import lightgbm; found = lightgbm.Booster(model_file={file!r}).predict(x)",
    }
    program = (
        "import sys; sys.modules['sklearn'] = None\nimport numpy\nx = numpy.load('x.npy')\n"
        f"{calls[name].format(file=file)}\nnumpy.save('found.npy', found)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)
    assert np.array_equal(np.load(tmp_path / "found.npy"), estimator.predict_proba(x)[:, 1])
