"""What tests of several packages make: schemas of a few columns, and projects on tables that can be learnt a little."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from phishcli import Project
from phishcli.documents.schema import Cleaning, Column, Schema


def schema_of(*columns: Column, **more: Any) -> Schema:
    """A schema of some columns, with a target of 0 and 1 unless ``more`` says otherwise."""
    usual: dict[str, Any] = {
        "synthetic": False,
        "table": None,
        "rows": 1,
        "target": "label",
        "positive_label": 1,
        "negative_label": 0,
        "label_counts": {},
        "set_aside": {},
        "clean": Cleaning(),
    }
    return Schema(columns=columns, **{**usual, **more})


def project_on_numbers(folder: Path, *, rows: int, slope: float, columns: int = 3, **settings: Any) -> Project:
    """A project on a table of normal numbers, of which each column shows the label better than the one before.

    Parameters
    ----------
    folder
        Where the table, the cache and the results are.
    rows, columns
        The size of the table.
    slope
        How much further the means of the classes are from each other in each column than in the one before.
    settings
        Dotted settings, besides those of the source and the folders.
    """
    random = np.random.default_rng(0)
    label = random.integers(0, 2, rows)
    numbers = {f"x{place}": random.normal(size=rows) + label * slope * place for place in range(columns)}
    folder.mkdir(exist_ok=True)
    pd.DataFrame({**numbers, "label": label}).to_csv(folder / "table.csv", index=False)
    usual = {
        "load.source": str(folder / "table.csv"),
        "load.target": "label",
        "load.positive_label": 1,
        "run.cache_dir": str(folder / "cache"),
        "run.results_dir": str(folder / "results"),
    }
    return Project.of({**usual, **settings})
