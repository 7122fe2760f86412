"""Scores on rows that no system has seen, ranks, paired tests, and how much a system promised too much."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, ttest_1samp, wilcoxon

METRICS = ("accuracy", "roc_auc", "log_loss")
LOWER = ("log_loss",)


def judged(y: NDArray[Any], made: Mapping[str, Any]) -> dict[str, Any]:
    """The scores of a run, its claim and what the claim should have been."""
    from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

    score = np.asarray(made["score"])
    found = {
        "accuracy": float(accuracy_score(y, score >= 0.5)),
        "roc_auc": float(roc_auc_score(y, score)),
        "log_loss": float(log_loss(y, np.clip(score, 1e-7, 1 - 1e-7))),
    }
    optimism = made["claimed"] - found[made["metric"]]
    return {**found, "optimism": optimism, "n_test": len(y), "seconds": made["seconds"], "model": made.get("model", "")}


def show(found: Sequence[Mapping[str, Any]]) -> None:
    """Print ranks, means, paired differences to ours, and optimism."""
    cells = _whole_cells(found)
    systems = sorted({each["system"] for each in found}, key=lambda name: (name != "phish", name))
    print(f"{len(cells)} tables and splits with all of {', '.join(systems)}")
    if not cells:
        return
    for metric in METRICS:
        values = {name: np.array([cell[name][metric] for cell in cells.values()]) for name in systems}
        ranks = _ranks(values, lower=metric in LOWER)
        print(
            f"\n{metric}: "
            + ", ".join(f"{name} {values[name].mean():.4f} (rank {ranks[name]:.2f})" for name in systems)
        )
        for other in systems[1:]:
            print(f"  phish - {other}: {_paired(cells, other, metric)}")
    for name in systems:
        own = [cell[name] for cell in cells.values()]
        optimism, seconds = np.mean([each["optimism"] for each in own]), [each["seconds"] for each in own]
        took = f"{np.mean(seconds):.0f} s, at most {max(seconds):.0f}"
        print(f"\n{name}: promised {optimism:+.4f} more than it kept; {took}")


def _whole_cells(found: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], dict[str, Mapping[str, Any]]]:
    cells: dict[tuple[str, int], dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for each in found:
        cells[each["table"], each["split"]][each["system"]] = each
    most = max(map(len, cells.values()), default=0)
    return {key: cell for key, cell in cells.items() if len(cell) == most}


def _ranks(values: Mapping[str, NDArray[Any]], *, lower: bool) -> dict[str, float]:
    table = np.stack(list(values.values()), axis=1) * (1 if lower else -1)
    return dict(zip(values, rankdata(table, axis=1).mean(axis=0).tolist(), strict=True))


def _paired(cells: Mapping[tuple[str, int], Mapping[str, Mapping[str, Any]]], other: str, metric: str) -> str:
    """The mean difference; Nadeau and Bengio's test over the splits of each table, Wilcoxon's over the tables."""
    by_table: dict[str, list[float]] = defaultdict(list)
    for (name, _), cell in cells.items():
        by_table[name].append(cell["phish"][metric] - cell[other][metric])
    means = np.array([np.mean(each) for each in by_table.values()])
    signed = means if len(means) > 1 and means.any() else None
    p_tables = wilcoxon(signed).pvalue if signed is not None else float("nan")
    lines = [f"{name} {np.mean(each):+.4f}{_corrected(each)}" for name, each in by_table.items()]
    return f"{means.mean():+.4f}, Wilcoxon over tables p = {p_tables:.2f}; " + ", ".join(lines)


def _corrected(differences: Sequence[float], share: float = 0.25) -> str:
    """The p-value of the corrected t-test (Nadeau and Bengio 2003); ``share`` is test rows over training rows."""
    n = len(differences)
    if n < 2 or not np.std(differences):
        return ""
    t = ttest_1samp(differences, 0.0).statistic / np.sqrt(1 + n * share)
    from scipy.stats import t as student

    return f" (p = {2 * student.sf(abs(t), n - 1):.2f})"
