"""Columns learned from labels: nothing of a row's own label reaches the row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from phishcli.config.schema import LoadConfig, PreprocessConfig
from phishcli.documents.features import Strategy
from phishcli.errors import DataError
from phishcli.features import learned as module
from phishcli.features.folds import fold_matrices
from phishcli.features.learned import Learner, TextScore
from phishcli.features.loading import Loaded, load
from phishcli.features.preprocessing import preprocess
from phishcli.features.preprocessor import fit_preprocessor
from phishcli.features.text_score import fit_weights
from phishcli.features.transform import transform
from phishcli.serving.encoder import MatrixEncoder, describe_encoder
from phishcli.serving.rows import read_rows
from phishcli.tables.memory import MemoryTable

ROWS = 600
RANDOM = np.random.default_rng(0)


def table(**more: Any) -> dict[str, Any]:
    owners = [f"owner {number}" for number in RANDOM.integers(0, 120, ROWS)]
    return {"owner": owners, "label": RANDOM.integers(0, 2, ROWS).tolist(), **more}


def loaded(columns: dict[str, Any], **settings: Any) -> Loaded:
    config = LoadConfig(target="label", positive_label=1, **settings)
    return load(config, MemoryTable(pa.table(columns)), name=None, origin="t", synthetic=False)


def messages(n: int = ROWS) -> list[str | None]:
    words = ["call", "me", "now", "you", "won", "a", "prize", "see", "us", "at", "noon", "free", "lunch"]
    return [" ".join(RANDOM.choice(words, 12)) if row % 50 else None for row in range(n)]


def test_a_random_column_of_many_values_teaches_nothing() -> None:
    """Shares that had seen their own labels would rank the training rows nearly without an error."""
    found = loaded(table())
    assert found.schema.columns[0].role == "high_cardinality"
    made = preprocess(PreprocessConfig(), found.features, found.target, found.schema)
    assert made.train.schema.names == ["owner", "target"]
    assert roc_auc_score(
        made.train.column("target").to_numpy(), made.train.column("owner").to_numpy()
    ) == pytest.approx(0.5, abs=0.08)
    assert roc_auc_score(made.test.column("target").to_numpy(), made.test.column("owner").to_numpy()) == pytest.approx(
        0.5, abs=0.12
    )


def test_random_texts_teach_nothing() -> None:
    found = loaded(table(note=messages()), drop=["owner"])
    made = preprocess(PreprocessConfig(), found.features, found.target, found.schema)
    assert roc_auc_score(made.train.column("target").to_numpy(), made.train.column("note").to_numpy()) == pytest.approx(
        0.5, abs=0.08
    )


def test_the_texts_of_training_rows_are_not_scored_a_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded(table(note=messages()))
    learner = Learner(np.arange(ROWS, dtype=np.int8) % 2, np.arange(ROWS) // 2 % 4)
    rows = np.arange(ROWS)
    fitted = fit_preprocessor(found.features, found.schema, rows, learner)
    whole = transform(fitted.preprocessor, found.features)
    seen: list[str | None] = []
    score = TextScore.transform
    monkeypatch.setattr(TextScore, "transform", lambda self, x: seen.extend(np.ravel(x)) or score(self, x))
    matrix = fitted.training_matrix(found.features, rows)
    assert set(seen) == {None}
    assert matrix.shape == whole.shape
    np.testing.assert_array_equal(matrix[:, -2:], fitted.crossfitted.astype(np.float32))
    assert transform(fitted.preprocessor, found.features).tobytes() == whole.tobytes()
    assert set(seen) != {None}


def test_shares_are_the_means_of_the_other_folds() -> None:
    """By hand: scikit-learn's smoothing draws the mean of a value towards that of all by its variance."""
    names = np.array(["a", "a", "b", "b", "a", "b"], dtype=object)
    y, folds = np.array([1, 0, 1, 1, 1, 0], np.int8), np.array([0, 1, 0, 1, 0, 1])
    found = loaded({"name": [*names, *"cdefgh" * 20], "label": [*y, *[0, 1] * 60]}, roles={"name": "high_cardinality"})
    learnings = module.learnings_of(found.schema, Strategy())
    (column,) = module.learn_columns(found.features, np.arange(6), Learner(y, folds), learnings)
    encoder = column.transformer.estimator.named_steps["learn"]
    assert encoder.categories_[0].tolist() == ["a", "b"]
    scaler = column.transformer.estimator.named_steps["scale"]
    shares = column.crossfitted * scaler.scale_ + scaler.center_
    for fold in (0, 1):
        others, mean = folds != fold, y[folds != fold].mean()
        for row in np.flatnonzero(folds == fold):
            same = y[others & (names == names[row])]
            variance, overall = same.var(), y[others].var()
            smooth = variance / overall if overall else 0
            weight = len(same) / (len(same) + smooth)
            assert shares[row] == pytest.approx(weight * same.mean() + (1 - weight) * mean)


def test_encoders_see_the_rows_of_other_folds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def spy(frequency: Any, y: Any) -> Any:
        seen.append(frequency.shape[0])
        return fit_weights(frequency, y)

    monkeypatch.setattr(module, "fit_weights", spy)
    found = loaded(table(note=messages()), drop=["owner"])
    target, folds = found.target["target"].to_numpy(), np.arange(ROWS) % 5
    fold_matrices(found.features, np.arange(ROWS), target, folds, found.schema, 0)
    in_fold = ROWS * 4 // 5
    assert seen == [in_fold, *[in_fold * 3 // 4] * 4]  # all but the fold, and of those all but one fold each


def test_with_one_fold_halves_stand_in_for_folds() -> None:
    learner = Learner(np.array([0, 1] * 6, np.int8), np.zeros(12, dtype=int))
    parts = list(learner.held_out())
    assert sorted(np.concatenate([own for _, own in parts])) == list(range(12))
    for others, own in parts:
        assert not set(others) & set(own)
        assert learner.y[own].mean() == learner.y[others].mean() == 0.5


def everything() -> dict[str, Any]:
    words = ["".join(RANDOM.choice(list("abcdefgh"), 6)) for _ in range(300)]
    urls = [f"http{'s' * (row % 2)}://{words[row % 300]}.com/{words[row * 7 % 300]}?q={row}" for row in range(ROWS)]
    days = pd.date_range("2024-01-01", periods=ROWS, freq="7h")
    return {
        **table(note=messages()),
        "url": [None if row % 97 == 0 else url for row, url in enumerate(urls)],
        "seen": [None if row % 31 == 0 else day.isoformat() for row, day in enumerate(days)],
        "born": [(day - pd.Timedelta(days=row % 400)).strftime("%d.%m.%Y") for row, day in enumerate(days)],
        "sender": [f"{words[row % 300]}@{words[row % 41]}.org" for row in range(ROWS)],
        "ip": [f"10.{row % 7}.{row % 11}.{row % 251}" for row in range(ROWS)],
        "size": RANDOM.normal(size=ROWS),
    }


def test_raw_rows_get_the_very_numbers_of_the_test_part() -> None:
    columns = everything()
    found = loaded(columns)
    kinds = {each.name: each.kind or each.role for each in found.schema.given()}
    assert kinds == {
        "owner": "high_cardinality",
        "note": "text",
        "url": "url",
        "seen": "date",
        "born": "date",
        "sender": "email",
        "ip": "ip",
        "size": "numeric",
    }
    assert not found.schema.set_aside
    made = preprocess(PreprocessConfig(), found.features, found.target, found.schema)
    rows = made.split.loc[made.split["part"] == "test", "row"].to_numpy()
    encoder = MatrixEncoder(describe_encoder(made.preprocessor, made.features.names))
    expected = made.test.matrix
    raw = pd.DataFrame(columns).drop(columns="label").iloc[rows]
    for form in (raw, pa.Table.from_pandas(raw, preserve_index=False), raw.to_dict("records")):
        np.testing.assert_array_equal(encoder.encode(read_rows(form, found.schema)), expected)
    times = raw.assign(seen=pd.to_datetime(raw["seen"]))
    np.testing.assert_array_equal(encoder.encode(read_rows(times, found.schema)), expected)


def test_the_difference_between_dates_is_in_days() -> None:
    found = loaded(everything())
    difference = found.features.column("seen.born.difference").to_pandas()
    row = 100
    seen = pd.Timestamp("2024-01-01") + row * pd.Timedelta(hours=7)
    born = (seen - pd.Timedelta(days=100)).normalize()
    assert difference[row] == pytest.approx((born - seen) / pd.Timedelta(days=1))


def test_unseen_names_texts_and_missing_values_are_taken() -> None:
    found = loaded(everything())
    made = preprocess(PreprocessConfig(), found.features, found.target, found.schema)
    encoder = MatrixEncoder(describe_encoder(made.preprocessor, made.features.names))
    row = dict.fromkeys((each.name for each in found.schema.given()), None)
    for rows in (row, {**row, "owner": "nobody", "note": "völlig neu", "url": "ftp://neu", "seen": "2030-01-01"}):
        assert np.isfinite(encoder.encode(read_rows(rows, found.schema))).all()


def test_a_role_can_be_given() -> None:
    columns = {"code": [f"a{row % 3}" for row in range(60)], "note": ["hello there you"] * 30 + ["x"] * 30}
    found = loaded({**columns, "label": [0, 1] * 30}, roles={"code": "text", "note": "high_cardinality"})
    assert [(each.name, each.role) for each in found.schema.given()] == [("code", "text"), ("note", "high_cardinality")]


def test_the_split_may_keep_tenants_together() -> None:
    """Hosts below a shared suffix are tenants of their own, pages of one of them are not."""
    urls = [f"https://{'www.' if row % 2 else ''}site{row % 40}.github.io/{row}" for row in range(ROWS)]
    columns = {"url": urls, "label": [row % 40 % 2 for row in range(ROWS)]}
    config = LoadConfig(target="label", positive_label=1)
    by = {"group": "url.tenant"}
    found = load(config, MemoryTable(pa.table(columns)), name=None, origin="t", synthetic=False, split_by=by)
    assert found.target["group"].tolist() == [f"site{row % 40}.github.io" for row in range(ROWS)]
    asked = PreprocessConfig.model_validate({"split": {"group": "url.tenant"}})
    split = preprocess(asked, found.features, found.target, found.schema).split
    groups = {part: {rows % 40 for rows in split.loc[split["part"] == part, "row"]} for part in ("train", "test")}
    assert not groups["train"] & groups["test"]


@pytest.mark.parametrize("name", ["url.tenent", "note.tenant.x", "tenant"])
def test_a_part_that_does_not_exist_is_no_group(name: str) -> None:
    config = LoadConfig(target="label", positive_label=1)
    table = MemoryTable(pa.table({"url": ["https://a.com/"] * 4, "label": [0, 1] * 2}))
    with pytest.raises(DataError, match=name):
        load(config, table, name=None, origin="t", synthetic=False, split_by={"group": name})
