"""Logistic regression: which solver fits it, and that this changes the speed and not the model."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from phishcli.fits.worker import fit
from phishcli.models.logistic_regression import NARROW, SPEC

SCALES = 10.0 ** np.arange(-2, 4)
"""Columns of very unequal scales, as robust scaling leaves heavy tails."""


def problem(columns: int = 6) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    random = np.random.default_rng(0)
    x = random.normal(size=(400, columns))
    y = (x[:, :6].sum(axis=1) + random.logistic(size=400) > 0).astype(np.int8)
    return (x * np.resize(SCALES, columns)).astype(np.float32), y


def test_unequal_scales_converge_in_few_iterations_to_the_model_of_a_patient_lbfgs() -> None:
    x, y = problem()
    found = fit(SPEC, {}, 0, x, y)
    expected = fit(SPEC, {"solver": "lbfgs", "max_iter": 100_000, "tol": 1e-9}, 0, x, y)
    assert found.n_iter_[0] < 20 < expected.n_iter_[0]
    np.testing.assert_allclose(found.predict_proba(x), expected.predict_proba(x), atol=1e-3)


def test_a_usual_lbfgs_does_not_converge_there() -> None:
    with pytest.warns(ConvergenceWarning):
        fit(SPEC, {"solver": "lbfgs", "max_iter": 50}, 0, *problem())


@pytest.mark.parametrize(
    ("params", "columns", "solver"),
    [
        ({}, NARROW, "newton-cholesky"),
        ({}, NARROW + 1, "lbfgs"),
        ({"C": 0.1}, 6, "newton-cholesky"),
        ({"solver": "liblinear"}, 6, "liblinear"),
        ({"l1_ratio": 0.0}, 6, "lbfgs"),
    ],
)
def test_the_solver_suits_the_width_unless_it_is_set(params: dict[str, Any], columns: int, solver: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        made = fit(SPEC, params, 0, *problem(columns))
    assert made.solver == solver
    assert SPEC.effective(made)["solver"] == solver
