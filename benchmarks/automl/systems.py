"""Running a system on a table: ours by its command, others by a script in an environment of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.automl.tables import TARGET
from benchmarks.measure import tell

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("child.py")
PACKAGES = {"flaml": ["flaml[automl]"], "autogluon": ["autogluon.tabular[lightgbm,xgboost,catboost,ray]"]}
"""What pip installs; AutoGluon without PyTorch, whose neural networks are therefore not among its models."""
SYSTEMS = ("phish", *PACKAGES)
KEPT_BACK = 0.02
"""Share of the rows that ours sets aside for a test of its own; all systems are judged by other rows."""


def python_of(system: str, cache: Path) -> Path:
    """The interpreter of the environment of a system, which is made when it is missing."""
    folder = cache / system
    python = folder / "bin" / "python"
    if not python.exists():
        tell(f"Installing {system} in {folder}")
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PACKAGES[system]], check=True)
    return python


def run(system: str, train: Path, test: Path, seconds: float, folder: Path, cache: Path) -> dict[str, Any]:
    """Run a system on a table.

    Returns
    -------
    dict
        ``score`` of each row of the test, ``metric``, ``claimed``, and ``seconds`` on the clock: of the whole command
        for ours, of what the budget was given for in the others.
    """
    if system == "phish":
        return ours(train, test, seconds, folder)
    out = folder / "out.json"
    command = [str(python_of(system, cache)), str(CHILD), system, str(train), str(test), str(seconds), str(out)]
    subprocess.run([*command, str(folder)], check=True, capture_output=True, cwd=folder)
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def ours(train: Path, test: Path, seconds: float, folder: Path) -> dict[str, Any]:
    """``phish run-all --budget`` and ``phish predict``; what it claims is its cross-validated score."""
    sets = [f"preprocess.split.test_size={KEPT_BACK}", "evaluate.explain=false", "report.charts=false"]
    named = [f"--source={train}", f"--target={TARGET}", "--positive-label=1", *(f"--set={each}" for each in sets)]
    started = time.perf_counter()
    phish("run-all", *named, f"--budget={seconds}s", "--persist", "-q", folder=folder)
    spent = time.perf_counter() - started
    summary = json.loads((folder / "results" / "summary.json").read_text())
    model = summary["selection"]["model"]
    claimed = summary["models"][model]["evaluation"]["cv"]["accuracy"]["mean"]
    blind = folder / "blind.csv"
    pd.read_csv(test).drop(columns=TARGET).to_csv(blind, index=False)
    phish("predict", str(blind), "-o", "scored.csv", folder=folder)
    score = pd.read_csv(folder / "scored.csv")["probability"].tolist()
    return {"score": score, "metric": "accuracy", "claimed": claimed, "model": model, "seconds": spent}


def phish(*arguments: str, folder: Path) -> None:
    """Run a command of ours in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "phishcli", *arguments]
    subprocess.run(command, check=True, cwd=folder, env=environment, capture_output=True)
