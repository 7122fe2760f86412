"""How near the published procedure comes to the published figures, on the phishing database; takes some twenty minutes.

The figures are those published with the database (test accuracy untuned; ROC-AUC and MCC after the random search, which
are the same from either side). Needs the database, so it is not among those that run by default.

    python -m benchmarks.reference DATABASE
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import PHISH, Claim, show_claims, tell

CONFIG = Path(__file__).parents[1] / "configs" / "reference.yaml"
UNTUNED = {
    "LogisticRegression": {"accuracy": 0.8300},
    "RandomForest": {"accuracy": 0.8386},
    "GradientBoosting": {"accuracy": 0.8386},
    "XGBoost": {"accuracy": 0.8376},
}
CROSS_VALIDATED = {
    "LogisticRegression": 0.8462,
    "RandomForest": 0.8545,
    "GradientBoosting": 0.8540,
    "XGBoost": 0.8555,
}
"""Accuracy over the folds of the best candidate of the random search."""
TUNED = {
    "LogisticRegression": {"roc_auc": 0.8910, "mcc": 0.6575},
    "RandomForest": {"roc_auc": 0.8910, "mcc": 0.6769},
    "GradientBoosting": {"roc_auc": 0.8898, "mcc": 0.6753},
    "XGBoost": {"roc_auc": 0.8857, "mcc": 0.6774},
}


def scores(database: Path, folder: str, *arguments: str) -> dict[str, dict[str, float]]:
    """Run the published procedure and give the test scores of each model."""
    tell(f"phish run-all -c {CONFIG.name} {' '.join(arguments)}")
    command = [PHISH, "run-all", "-c", str(CONFIG), "--source", str(database), "--json", *arguments]
    said = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True)
    table: dict[str, dict[str, float]] = json.loads(said.stdout)["selection"]["table"]
    return table


def claims(found: dict[str, dict[str, float]], published: dict[str, Any], limit: float, how: str) -> list[Claim]:
    """The distance of each figure from the published one."""
    return [
        Claim(f"{model}, {how} {metric}: distance", f"{value:.4f} published", abs(found[model][metric] - value), limit)
        for model, metrics in published.items()
        for metric, value in metrics.items()
    ]


def cross_validated(folder: str) -> list[Claim]:
    """The distance of each tuned model's accuracy over the folds from the published one."""
    found = {}
    for model in CROSS_VALIDATED:
        training = json.loads((Path(folder) / f".cache/train/{model}/latest/training.json").read_text("utf-8"))
        found[model] = {"accuracy": training["tuned"]["best_score"]}
    return claims(found, {model: {"accuracy": value} for model, value in CROSS_VALIDATED.items()}, 0.002, "tuned CV")


def main() -> int:
    """Measure both and print the table; 1 when a distance is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("database", type=Path)
    database = parser.parse_args().database.resolve()
    with tempfile.TemporaryDirectory() as folder:
        untuned = claims(scores(database, folder), UNTUNED, 0.004, "untuned")
        tuned = claims(scores(database, folder, "--tune"), TUNED, 0.006, "tuned")
        tuned += cross_validated(folder)
    print()
    return 0 if show_claims([*untuned, *tuned], digits=4) else 1


if __name__ == "__main__":
    sys.exit(main())
