"""Derive ``phishcli/sources/sample.json`` from the real database: aggregates only, and how they were made.

    python benchmarks/derive_sample.py path/to/phishing.db

Prints how models do on the real table and on samples drawn with more or fewer swapped labels, and keeps the number that
comes closest. Takes about five minutes on two cores.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sqlite3
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, RobustScaler
from xgboost import XGBClassifier

from phishcli.sources.sample import draw_block, draw_group

OUTPUT = Path(__file__).parents[1] / "phishcli" / "data" / "sample.json"
LABEL = "label"
TARGET = "isPhishing"
INDEX = "Unnamed: 0"
GAPPY = "LineOfCode"
LINKS = {"no links": (0, 0), "1-9 links": (1, 9), "10-99 links": (10, 99), "100 links or more": (100, np.inf)}
CATEGORY_ORDER = "DomainAgeMonths"
SWAP_CANDIDATES = (0.0, 0.05, 0.10, 0.15, 0.20, 0.25)
LEAST_ROWS = 10  # behind every quantile that is kept
TOP_SHARE = 0.005  # beyond it the tail's rule replaces the quantiles
SEEDS = (1, 2, 3)

METHOD = {
    "groups": "legitimate, phishing with and phishing without LineOfCode, each parted by NoOfSelfRef + NoOfExternalRef:"
    " one copula for all page sizes makes the classes far easier to tell apart than they are",
    "quantiles": f"knots of the quantile function: at most 100 levels, each covering at least {LEAST_ROWS} rows,"
    f" rounded to 3 significant digits; both ends of every value that at least {LEAST_ROWS} rows and 0.5 % of the group"
    " share; the share of negative values",
    "tail": "beyond the last knot a Pareto tail, its index the Hill estimate over the rows beyond, truncated at the"
    " next power of ten: no extreme value is kept; below the first knot the first knot",
    "shares": f"frequencies of the categories, in the order of the mean {CATEGORY_ORDER} within the group",
    "correlation": "of the normal scores, adjusted by fixed-point iteration until the Spearman correlations of drawn"
    " values are those of the table (Cario and Nelson 1997), made positive definite",
    "swapped": "share of the pages that carry the label of the other class, same number both ways among pages with as"
    " many links: the copula alone is still easier than the table, so the share is the candidate for which accuracy and"
    " ROC-AUC come closest (calibration)",
    "copied": "share of the pages that repeat another one: exact duplicates of the table minus those that arise anyway",
}


def main() -> None:
    """Read the database, derive, calibrate, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    table, features, name = read(arguments.database)
    spec: dict[str, Any] = {
        "provenance": provenance(arguments.database, table, name),
        "table": name,
        "index": INDEX,
        "target": TARGET,
        "features": features,
        "groups": [group(rows, title, table) for title, rows in parts(table).items()],
    }
    add_copies(spec, table)
    spec["provenance"]["calibration"] = calibrate(spec, table)
    arguments.output.write_text(as_text(spec), encoding="utf-8")


def read(database: Path) -> tuple[pd.DataFrame, dict[str, str], str]:
    """Give the features and the target (1 = phishing), the SQL types of the features, and the table's name."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        (name,) = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchone()
        kinds = {row[1]: row[2] for row in connection.execute(f'PRAGMA table_info("{name}")')}
        table = pd.read_sql(f'SELECT * FROM "{name}"', connection)  # noqa: S608 - the table's own name
    table[TARGET] = (table[LABEL] == 0).astype(int)
    features = {column: kind for column, kind in kinds.items() if column not in (INDEX, LABEL)}
    return table[[*features, TARGET]], features, name


def provenance(database: Path, table: pd.DataFrame, name: str) -> dict[str, Any]:
    """Say what the aggregates were made of, and how."""
    return {
        "made_by": "benchmarks/derive_sample.py",
        "source": {
            "table": name,
            "sha256": hashlib.sha256(database.read_bytes()).hexdigest(),
            "rows": len(table),
            "phishing": int(table[TARGET].sum()),
            "legitimate": int((table[TARGET] == 0).sum()),
            f"{GAPPY} missing": int(table[GAPPY].isna().sum()),
            "exact duplicates": int(table.duplicated().sum()),
        },
        "kept": "sizes of groups, quantiles, frequencies, rank correlations; no row of the table",
        "method": METHOD,
    }


def parts(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Part the table by class, by whether lines were counted, and by number of links."""
    links = table["NoOfSelfRef"] + table["NoOfExternalRef"]
    kinds = {
        "legitimate": table[TARGET] == 0,
        "phishing": (table[TARGET] == 1) & table[GAPPY].notna(),
        f"phishing without {GAPPY}": (table[TARGET] == 1) & table[GAPPY].isna(),
    }
    return {
        f"{kind}, {size}": table[mask & links.between(*limits)]
        for kind, mask in kinds.items()
        for size, limits in LINKS.items()
    }


def group(rows: pd.DataFrame, title: str, table: pd.DataFrame) -> dict[str, Any]:
    """Aggregate one group: size, marginals and the correlation of the normal scores."""
    features = rows.drop(columns=TARGET).dropna(axis="columns", how="all")
    marginals, codes = {}, []
    for name, column in features.items():
        if isinstance(column.dtype, pd.StringDtype):
            marginals[name] = category(column, rows[CATEGORY_ORDER])
            codes.append(column.map({value: rank for rank, value in enumerate(marginals[name]["values"])}).to_numpy())
        else:
            marginals[name] = number(column.to_numpy().astype(int), table[name].dropna().to_numpy().astype(int))
            codes.append(column.to_numpy())
    correlation = fit_scores(marginals, spearman(codes))
    target = int(rows[TARGET].iloc[0])
    return {
        "name": title,
        "target": target,
        "rows": len(rows),
        "swapped": 0.0,
        "copied": 0.0,
        "marginals": marginals,
    } | {"correlation": correlation.round(3).tolist()}


def category(column: pd.Series[str], order_by: pd.Series[int]) -> dict[str, Any]:
    """Frequencies of the categories, ordered so that their rank correlates with the other columns."""
    values = order_by.groupby(column).mean().sort_values().index.tolist()
    shares = column.value_counts(normalize=True)
    return {"values": values, "shares": [round(float(shares[value]), 5) for value in values]}


def number(values: NDArray[np.int64], everywhere: NDArray[np.int64]) -> dict[str, Any]:
    """Knots of the quantile function and the rule for what lies beyond (``everywhere``: the column in all groups)."""
    values = np.sort(values)
    rows = len(values)
    last = 1 - max(TOP_SHARE, LEAST_ROWS / rows)
    levels = (
        np.arange(1, 100) / 100 if rows >= 100 * LEAST_ROWS else np.arange(1, rows // LEAST_ROWS) * LEAST_ROWS / rows
    )
    found = [(level, values[int(np.ceil(level * rows)) - 1]) for level in [*levels[levels < last], last]]
    distinct, counts = np.unique(values, return_counts=True)
    ends = np.cumsum(counts) / rows
    knots = [*negatives(values, everywhere)]
    inside = np.zeros(len(found), dtype=bool)
    for value, end, count in zip(distinct, ends, counts, strict=True):
        if count >= max(LEAST_ROWS, TOP_SHARE * rows):
            knots += [(end - count / rows, value), (end, value)]
            inside |= np.array([seen == value for _, seen in found])
    knots += [knot for knot, covered in zip(found, inside, strict=True) if not covered]
    bounded = bool((everywhere == everywhere.max()).sum() >= LEAST_ROWS)
    if bounded:
        knots.append((1.0, values[-1]))
    knots = sorted({(round(float(level), 5), significant(value)) for level, value in knots})
    marginal = {
        "probabilities": [level for level, _ in knots],
        "quantiles": list(accumulate((value for _, value in knots), max)),
    }
    return marginal if bounded or knots[-1][0] >= 1 else marginal | {"tail": tail(values, *knots[-1])}


def negatives(values: NDArray[np.int64], everywhere: NDArray[np.int64]) -> list[tuple[float, int]]:
    """Knots that keep the share of negative values and, over all groups, their range."""
    share = float((values < 0).mean())
    return [(0.0, everywhere.min()), (share, everywhere[everywhere < 0].max()), (share, 0)] if share else []


def tail(values: NDArray[np.int64], last: float, start: int) -> dict[str, float]:
    """Pareto index by Hill's estimator over the values beyond the last knot, and the next power of ten as the bound."""
    beyond = values[int(np.ceil(last * len(values))) :]
    excess = max(0.1, np.log(np.maximum(beyond, 1) / max(start, 1)).mean())
    return {"index": round(float(1 / excess), 2), "bound": 10 ** int(np.floor(np.log10(max(values[-1], 1))) + 1)}


def significant(value: float, digits: int = 3) -> int:
    """Round a whole number to so many significant digits."""
    return int(float(f"{value:.{digits}g}"))


def spearman(columns: list[NDArray[Any]]) -> NDArray[np.float64]:
    """Rank correlations; a constant column has none."""
    ranks = np.array([rankdata(column) for column in columns])
    spread = ranks.std(axis=1, keepdims=True)
    scores = (ranks - ranks.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
    correlation: NDArray[np.float64] = scores @ scores.T / ranks.shape[1]
    np.fill_diagonal(correlation, 1)
    return correlation


def fit_scores(marginals: dict[str, Any], target: NDArray[np.float64], steps: int = 8) -> NDArray[np.float64]:
    """Find the correlations of the normal scores for which drawn values have the rank correlations of ``target``."""
    scores = positive_definite(target)
    for _ in range(steps):
        drawn = draw_group({"marginals": marginals, "correlation": scores}, 20_000, np.random.default_rng(0))
        scores = positive_definite(np.clip(scores + target - spearman(list(drawn.values())), -0.99, 0.99))
    return scores


def positive_definite(correlation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raise eigenvalues to 0.02 and scale the diagonal back to 1."""
    np.fill_diagonal(correlation, 1)
    values, vectors = np.linalg.eigh(correlation)
    raised = vectors @ np.diag(np.maximum(values, 0.02)) @ vectors.T
    scale = np.sqrt(np.diag(raised))
    result: NDArray[np.float64] = raised / np.outer(scale, scale)
    return result


def add_copies(spec: dict[str, Any], table: pd.DataFrame) -> None:
    """Make up for the exact duplicates that independent draws do not give."""
    for part, rows in zip(spec["groups"], parts(table).values(), strict=True):
        draws = [pd.DataFrame(draw_group(part, len(rows), np.random.default_rng(seed))) for seed in range(20)]
        arising = np.mean([draw.duplicated().sum() for draw in draws])
        part["copied"] = round(max(0.0, (rows.duplicated().sum() - arising) / len(rows)), 5)


def swap(spec: dict[str, Any], share: float) -> None:
    """Swap labels of ``share`` of the smaller one of two groups with as many links, and of as many of the other."""
    for size in LINKS:
        pair = [part for part in spec["groups"] if part["name"] in (f"legitimate, {size}", f"phishing, {size}")]
        pages = round(share * min(part["rows"] for part in pair))
        for part in pair:
            part["swapped"] = pages / part["rows"]


def calibrate(spec: dict[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    """Choose the share of swapped labels; say how models do on the table and on samples."""
    real = scores(table)
    tried = {}
    for share in SWAP_CANDIDATES:
        swap(spec, share)
        draws = [draw_block(spec, 0, len(table), np.random.default_rng(seed)) for seed in SEEDS]
        tried[share] = (
            pd.concat([scores(draw.to_pandas().drop(columns=INDEX)) for draw in draws]).groupby(level=0).mean()
        )
        print(f"\nswapped {share}\n{tried[share].round(4)}")
    print(f"\nreal\n{real.round(4)}")
    best = min(tried, key=lambda share: float((tried[share] - real).abs().to_numpy().mean()))
    swap(spec, best)
    return {
        "share of the smaller group": best,
        "tried": list(tried),
        "splits": f"80/20, stratified, seeds {', '.join(map(str, SEEDS))}; untuned models; means",
        "table": real.round(4).T.to_dict(),
        "sample": tried[best].round(4).T.to_dict(),
    }


def scores(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy and ROC-AUC on held-out rows, per model the mean over splits."""
    found = [score(table, name, seed) for name in models() for seed in SEEDS]
    return pd.DataFrame(found).groupby("model").mean()


def models() -> dict[str, Any]:
    """Give the untuned models that are compared."""
    return {
        "LogisticRegression": LogisticRegression(max_iter=1000),
        "RandomForest": RandomForestClassifier(100, max_depth=10, random_state=0, n_jobs=2),
        "GradientBoosting": GradientBoostingClassifier(
            n_estimators=100, learning_rate=0.1, max_depth=5, random_state=0
        ),
        "XGBoost": XGBClassifier(n_estimators=100, learning_rate=0.1, max_depth=5, random_state=0, n_jobs=2),
    }


def score(table: pd.DataFrame, name: str, seed: int) -> dict[str, Any]:
    """Fit one model on 80 % of the rows and score it on the others."""
    features = table.drop(columns=TARGET).assign(**{f"{GAPPY}_Missing": table[GAPPY].isna().astype(int)})
    train, test, y_train, y_test = train_test_split(
        features, table[TARGET], test_size=0.2, stratify=table[TARGET], random_state=seed
    )
    text = list(features.select_dtypes("str"))
    model = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(drop="first", handle_unknown="ignore"), text),
            remainder=make_pipeline(SimpleImputer(strategy="median"), RobustScaler()),
        ),
        models()[name],
    )
    probability = model.fit(train, y_train).predict_proba(test)[:, 1]
    correct = (probability >= 0.5) == y_test
    return {"model": name, "accuracy": correct.mean(), "roc_auc": roc_auc_score(y_test, probability)}


def as_text(spec: dict[str, Any]) -> str:
    """JSON with one line for every list of plain values."""
    return (
        re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()), json.dumps(spec, indent=1, allow_nan=False))
        + "\n"
    )


if __name__ == "__main__":
    main()
