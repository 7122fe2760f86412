"""A release with columns of every kind, for the tests of single rows and of the service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from typer.testing import CliRunner

MODELS = ("LogisticRegression", "LightGBM", "XGBoost", "RandomForest", "HistGradientBoosting", "NaiveBayes")
ROW: dict[str, Any] = {
    "Lines": 120.0,
    "NoOfImage": 7,
    "Ratio": 0.25,
    "IsSecure": True,
    "Price": "1.234,5",
    "Industry": "Banking",
    "Code": "007",
}
"""A row that is not unusual in any way."""


def table(rows: int = 400) -> pd.DataFrame:
    """Numbers with gaps, counts below 0, float32, truth values, texts with decimal commas, blanks, leading zeros."""
    rng = np.random.default_rng(0)
    bad = rng.random(rows) < 0.4
    lines = np.where(bad, rng.poisson(40, rows), rng.poisson(400, rows)).astype(float)
    lines[rng.random(rows) < 0.1] = np.nan
    return pd.DataFrame(
        {
            "Lines": lines,
            "NoOfImage": rng.integers(-2, 30, rows) + 5 * ~bad,
            "Ratio": rng.random(rows).astype(np.float32),
            "IsSecure": rng.random(rows) < np.where(bad, 0.3, 0.8),
            "Price": [f"{price:,.1f}".translate(str.maketrans(",.", ".,")) for price in rng.random(rows) * 9000],
            "Industry": rng.choice(["eCommerce", "eCommerce ", "Banking", None], rows),
            "Code": rng.choice(["007", "012", "101", "A"], rows),
            "label": np.where(bad ^ (rng.random(rows) < 0.08), "phishing", "legitimate"),
        }
    )


def make_release(folder: Path, *settings: str, models: tuple[str, ...] = MODELS) -> Path:
    """Train on the table and persist; gives the folder of the releases."""
    from phishcli.cli.app import whole

    source = folder / "table.parquet"
    table().to_parquet(source, index=False)
    quick = ("evaluate.n_boot=40", "report.charts=false", "load.clean.strip_categories=true")
    chosen = (*quick, "load.clean.negative_counts=true", f"train.models=[{','.join(models)}]", *settings)
    places = ("--results-dir", str(folder / "results"), "--cache-dir", str(folder / "cache"))
    data = ("--source", str(source), "--target=label", "--positive-label=phishing", *places)
    done = CliRunner().invoke(whole(), ["run-all", "--persist", *data, *(f"--set={each}" for each in chosen)])
    assert done.exit_code == 0, done.output
    return folder / "results" / "artifacts"
