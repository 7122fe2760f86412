"""Attacks: against all changes of a small grid, against random changes, and by hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.config.schema import LoadConfig, Mutable, PreprocessConfig
from phishcli.evasion.certificate import box, certify
from phishcli.evasion.levers import NO_CHANGE, Attacked, Lever, distance, levers
from phishcli.evasion.search import Search, States
from phishcli.features.loading import load
from phishcli.features.preprocessing import preprocess
from phishcli.features.transform import transform_frame
from phishcli.fits.worker import fit
from phishcli.models import get
from phishcli.models.own_format import PositiveClass
from phishcli.strategies import strategies_for
from phishcli.tables.arrow import whole
from phishcli.tables.disk import Disk
from phishcli.tables.matrix import matrix_of
from phishcli.tables.memory import MemoryTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 500
MUTABLE = {
    "images": Mutable(direction="up"),
    "lines": Mutable(direction="any", cost=2, fill=3),
    "robots": Mutable(direction="down", per="edit"),
    "industry": Mutable(cost=4),
}
NUMBERS = {"images": 1, "lines": "data", "robots": -1}


@dataclass(frozen=True)
class Case:
    """A fitted model, and the rows that it catches."""

    name: str
    score: PositiveClass
    given: Attacked
    levers: list[Lever]

    @property
    def matrix(self) -> NDArray[np.float32]:
        return self.given.matrix

    def search(self) -> States:
        return Search(self.matrix, self.levers, self.score, 0.5).run()


@cache
def case(name: str, *, held: bool = False, gaps: bool = False) -> Case:
    """Few different values, so that all changes can be tried; some lines are missing."""
    rng = np.random.default_rng(1)
    images, lines, robots = rng.integers(0, 5, ROWS), rng.integers(1, 6, ROWS) * 100, rng.integers(0, 2, ROWS)
    industry = rng.choice(["bank", "mail", "shop"], ROWS)
    odds = images - lines / 150 + 1.5 * robots + 2.0 * (industry == "bank") - 1.5 + rng.normal(size=ROWS)
    columns = {
        "images": images,
        "lines": pa.array(lines.astype(float), mask=rng.random(ROWS) < 0.15),
        "robots": robots,
        "industry": industry,
        "isPhishing": (odds > 0).astype(int),
    }
    loaded = load(LoadConfig(), MemoryTable(pa.table(columns)), name=None, origin="o", synthetic=False)
    asked = PreprocessConfig.model_validate({"numeric": {"impute": "none"}} if gaps else {})
    strategies = strategies_for(asked, [name])
    made = preprocess(asked, loaded.features, loaded.target, loaded.schema, strategies=strategies)
    x, y = matrix_of(made.train, Disk())
    spec, numbers = get(name), loaded.schema.names("numeric")
    signs = {str(numbers.index(column)): sign for column, sign in {**NUMBERS, "lines_Missing": 1}.items()}
    score = PositiveClass(fit(spec, {spec.monotone.parameter: signs} if held and spec.monotone else {}, 0, x, y))
    frame = whole(loaded.features)
    training = frame.iloc[np.sort(made.split.loc[made.split["part"] == "train", "row"])]
    caught = np.flatnonzero(score(transform_frame(made.preprocessor, frame)) >= 0.5)[:80]
    given = Attacked(frame.iloc[caught], training, made.preprocessor, loaded.schema, made.features)
    mutable = {column: how for column, how in MUTABLE.items() if not held or column != "industry"}
    return Case(name, score, given, list(levers(given, mutable)))


def changed(made: Case, row: int, choices: np.ndarray) -> pd.DataFrame:
    """A row with other values, in the table itself, once for each line of choices."""
    found = made.given.rows.iloc[np.full(len(choices), row)].reset_index(drop=True)
    for lever, chosen in zip(made.levers, choices.T, strict=True):
        name, which = lever.column.name, chosen != NO_CHANGE
        found[name] = np.where(which, lever.options[chosen], found[name].to_numpy())
        if name == "lines":
            marks = found["lines_Missing"].to_numpy()
            found["lines_Missing"] = np.where(which, np.zeros_like(marks), marks)
    return found


def all_changes(made: Case, row: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All choices that a row has, what they cost, and the probabilities; each goes through the whole encoder."""
    choices = np.array(list(product(*(range(-1, len(lever.options)) for lever in made.levers))))
    costs = np.zeros(len(choices))
    for place, lever in enumerate(made.levers):
        costs += np.where(choices[:, place] == -1, 0.0, lever.costs[row][choices[:, place]])
    choices, costs = choices[np.isfinite(costs)], costs[np.isfinite(costs)]
    return choices, costs, made.score(transform_frame(made.given.preprocessor, changed(made, row, choices)))


@pytest.mark.parametrize("name", ["XGBoost", "LogisticRegression"])
def test_the_search_finds_the_cheapest_of_all_changes(name: str) -> None:
    made = case(name)
    found = made.search()
    for row in range(12):
        _, costs, probabilities = all_changes(made, row)
        cheapest = costs[probabilities < 0.5].min(initial=np.inf)
        assert found.costs[row] == pytest.approx(cheapest)


def test_what_was_found_flips_the_verdict_in_the_table_itself_for_its_price() -> None:
    made = case("LightGBM")
    found = made.search()
    assert np.isfinite(found.costs).sum() > 0
    for row in np.flatnonzero(np.isfinite(found.costs))[:20]:
        choices = found.choices[[row]]
        encoded = transform_frame(made.given.preprocessor, changed(made, row, choices))
        assert made.score(encoded)[0] == pytest.approx(found.probabilities[row])
        assert found.probabilities[row] < 0.5
        paid = sum(lever.costs[row, each] for lever, each in zip(made.levers, choices[0], strict=True) if each != -1)
        assert found.costs[row] == pytest.approx(paid)


def test_it_finds_the_same_each_time() -> None:
    one, other = case("XGBoost").search(), case("XGBoost").search()
    assert np.array_equal(one.choices, other.choices)


@pytest.mark.parametrize("budget", [3.0, np.inf])
@pytest.mark.parametrize(
    ("name", "held", "method"),
    [
        ("XGBoost", True, "corner"),
        ("LightGBM", True, "corner"),
        ("CatBoost", True, "corner"),
        ("LogisticRegression", False, "linear"),
        ("XGBoost", False, "trees"),
        ("RandomForest", False, "trees"),
    ],
)
def test_no_change_within_the_budget_flips_a_certified_row(name: str, held: bool, method: str, budget: float) -> None:
    made = case(name, held=held)
    (found,) = certify(name, made.score, made.matrix, made.levers, [budget])
    assert found.method == method
    assert found.lowest is not None
    for row in range(0, len(made.matrix), 9):
        _, costs, probabilities = all_changes(made, row)
        assert found.lowest[row] <= probabilities[costs <= budget].min()


@pytest.mark.parametrize("name", ["XGBoost", "LightGBM"])
def test_filling_in_what_a_monotone_model_sees_as_missing_has_no_direction(name: str) -> None:
    made = case(name, held=True, gaps=True)
    assert np.isnan(made.matrix).any()
    (found,) = certify(name, made.score, made.matrix, made.levers, [np.inf])
    assert found.method == "trees"
    assert found.lowest is not None
    for row in range(0, len(made.matrix), 5):
        assert found.lowest[row] <= all_changes(made, row)[2].min()


def test_the_corner_is_the_worst_change_itself() -> None:
    made = case("XGBoost", held=True)
    (found,) = certify("XGBoost", made.score, made.matrix, made.levers, [np.inf])
    lowest = [all_changes(made, row)[2].min() for row in range(15)]
    assert found.lowest is not None
    assert found.lowest[:15] == pytest.approx(lowest, abs=3e-6)


def test_numbers_between_those_that_are_tried_lie_in_the_box_too() -> None:
    made = case("XGBoost")
    rng = np.random.default_rng(0)
    for budget in (2.5, 6.0, np.inf):
        low, high = box(made.matrix, made.levers, budget)
        rows = made.given.rows.copy()
        training = made.given.training["lines"]
        new = rng.uniform(100, 500, len(rows))
        price = 2 * distance(rows["lines"].to_numpy(float), new, training, "step").diagonal()
        price = np.where(rows["lines"].isna(), 6, price)
        rows["lines"] = np.where(price <= budget, new, rows["lines"])
        rows["lines_Missing"] = rows["lines"].isna().astype(made.given.rows["lines_Missing"].dtype)
        encoded = transform_frame(made.given.preprocessor, rows)
        assert ((low <= encoded) & (encoded <= high)).all()


def test_a_model_without_bounds_is_not_certified() -> None:
    made = case("NaiveBayes")
    (found,) = certify("NaiveBayes", made.score, made.matrix, made.levers, [1.0])
    assert found.method is None
    assert "none for" in found.why


def test_distances_by_hand() -> None:
    training = pd.Series([0.0, 0.0, 0.0, 0.0, 10.0, 20.0, 30.0, 40.0, 50.0, np.nan])
    own, values = np.array([0.0, 45.0]), np.array([0.0, 10.0, 50.0])
    steps = distance(own, values, training, "step")
    # Middle places among nine known values: 0 is at 2, 10 at 4.5, 45 at 8, 50 at 8.5.
    assert steps == pytest.approx(20 / 9 * np.array([[0.45, 2.5, 6.5], [6, 3.5, 0.5]]))
    assert distance(own, values, training, "unit").tolist() == [[0, 10, 50], [45, 35, 5]]
    assert (distance(own, values, training, "edit") == 1).all()


def test_prices_keep_to_direction_limits_and_missing_values() -> None:
    made = case("XGBoost")
    by_name = {lever.column.name: lever for lever in made.levers}
    images, lines = by_name["images"], by_name["lines"]
    assert [lever.per for lever in made.levers] == ["step", "step", "edit", "edit"]
    own = made.given.rows["images"].to_numpy()
    assert np.array_equal(np.isfinite(images.costs), images.options > own[:, None])
    assert np.isfinite(by_name["robots"].costs).sum() == (made.given.rows["robots"] == 1).sum()
    missing = made.given.rows["lines"].isna().to_numpy()
    assert missing.any()
    assert (lines.costs[missing] == 6).all()
    (few,) = levers(made.given, {"lines": Mutable(min=150, max=330, fill=None)})
    assert few.options.tolist() == [150, 200, 300, 330]
    assert np.isinf(few.costs[missing]).all()


def test_nothing_to_change_leaves_all_as_it_is() -> None:
    made = case("XGBoost")
    constant = Attacked(
        made.given.rows,
        made.given.training.assign(images=3),
        made.given.preprocessor,
        made.given.schema,
        made.given.features,
    )
    assert list(levers(constant, {"images": Mutable()})) == []
    found = Search(made.matrix, [], made.score, 0.5).run()
    assert np.isinf(found.costs).all()
    (certified,) = certify("XGBoost", made.score, made.matrix, [], [np.inf])
    assert certified.lowest == pytest.approx(made.score(made.matrix), abs=1e-5)


def test_strange_numbers_are_no_obstacle() -> None:
    made = case("XGBoost")
    rows = made.given.rows.assign(images=np.resize([0, 10**12, -(10**12)], len(made.given.rows)))
    strange = Attacked(rows, made.given.training, made.given.preprocessor, made.given.schema, made.given.features)
    found: list[Any] = list(levers(strange, MUTABLE))
    assert np.isinf(found[0].costs[1]).all()  # nothing above the largest number of training
    Search(strange.matrix, found, made.score, 0.5).run()
