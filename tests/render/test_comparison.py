"""The comparison in the terminal is readable at any width, and without colour."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from phishcli.render.comparison import Comparison, broken, verdict
from phishcli.types import ReportData

Draw = Callable[..., list[str]]


@pytest.fixture
def selection(data: ReportData) -> dict[str, Any]:
    found: dict[str, Any] = data.summary["selection"]
    return found


NARROW = """\
                                 ~ Hist
                     Logistic  Gradient
Metric             Regression  Boosting  > XGBoost
──────────────────────────────────────────────────
CV accuracy            0.8200    0.8525   * 0.8600
  ± over folds         0.0100    0.0025     0.0100

Accuracy               0.8250    0.8400   * 0.8550
Precision              0.8235    0.8085   * 0.8427
Recall                 0.7778  * 0.8444     0.8333
F1                     0.8000    0.8261   * 0.8380
Specificity            0.8636    0.8364   * 0.8727
FPR                    0.1364    0.1636   * 0.1273
FNR                    0.2222  * 0.1556     0.1667
Balanced accuracy      0.8207    0.8404   * 0.8530
MCC                    0.6455    0.6786   * 0.7068
ROC-AUC                0.9697    0.9745   * 0.9788
PR-AUC                 0.9683    0.9741   * 0.9776
Log loss               0.3686    0.3460   * 0.3235
Brier score            0.1203    0.1108   * 0.1014
Calibration error      0.2225    0.2120   * 0.2015
TPR at FPR 10 %        0.7778  * 0.8444     0.8333
TPR at FPR 1 %              -         -          -
TPR at FPR 0.1 %            -         -          -

* best   > selected   ~ cannot be told from the best   - not resolvable
lower is better: FPR, FNR, Log loss, Brier score, Calibration error
CV: on the training rows
"""


def test_models_are_columns_at_80_characters(selection: dict[str, Any], drawn: Draw) -> None:
    assert drawn(Comparison(selection), 80) == NARROW.splitlines()


def test_models_are_rows_where_there_is_room(selection: dict[str, Any], drawn: Draw) -> None:
    lines = drawn(Comparison(selection), 240)
    assert next(line for line in lines if line.startswith("Model")).split()[:4] == [
        *("Model", "CV", "accuracy", "Accuracy")
    ]
    names = [line[:24].strip() for line in lines if "0.8" in line]
    assert names == ["LogisticRegression", "~ HistGradientBoosting", "> XGBoost"]
    chosen = next(line for line in lines if "XGBoost" in line)
    assert chosen.startswith("> XGBoost               * 0.8600 ± 0.0100  * 0.8550   * 0.8427    0.8333  * 0.8380")


@pytest.mark.parametrize("width", [40, 45, 80, 100, 120, 160, 200, 240])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(
    selection: dict[str, Any], drawn: Draw, width: int
) -> None:
    lines = drawn(Comparison(selection), width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert "…" not in text
    shown = [value for scores in selection["table"].values() for value in scores.values() if value is not None]
    assert all(f"{value:.4f}" in text for value in shown)


def test_ten_models_are_parted_into_equal_blocks_at_80_characters(selection: dict[str, Any], drawn: Draw) -> None:
    names = [f"Model{number}" for number in range(10)]
    many = {
        **selection,
        "table": dict.fromkeys(names, selection["table"]["XGBoost"]),
        "cv": dict.fromkeys(names, selection["cv"]["XGBoost"]),
        "best": {},
        "group": ["Model3"],
        "model": "Model3",
    }
    heads = [line.split() for line in drawn(Comparison(many), 80) if line.startswith("Metric")]
    assert heads == [["Metric", *names[:3], ">", *names[3:5]], ["Metric", *names[5:]]]


def test_the_best_are_bold_and_all_that_tie_are_marked(selection: dict[str, Any], drawn: Draw) -> None:
    tied = {**selection, "best": {"recall": ["XGBoost", "LogisticRegression"]}}
    line = next(line for line in drawn(Comparison(tied), 80, colour=True) if line.startswith("Recall"))
    assert re.findall(r"\x1b\[1m *\* ([\d.]+)\x1b\[0m", line) == ["0.7778", "0.8333"]


def legend(lines: list[str]) -> str:
    """The first line that explains the marks."""
    return next(line for line in lines if line.startswith("* best"))


def test_only_the_marks_that_are_there_are_explained(selection: dict[str, Any], drawn: Draw) -> None:
    resolved = {model: dict.fromkeys(scores, 0.5) for model, scores in selection["table"].items()}
    alone = {**selection, "group": ["XGBoost"], "table": resolved}
    assert legend(drawn(Comparison(alone), 80)) == "* best   > selected"
    assert "~" not in "\n".join(drawn(Comparison(alone), 80))


def test_a_model_that_is_preferred_leaves_the_best_of_the_group_its_mark(
    selection: dict[str, Any], drawn: Draw
) -> None:
    simple = {**selection, "model": "HistGradientBoosting"}
    lines = drawn(Comparison(simple), 240)
    names = [line[:24].strip() for line in lines if "0.8" in line]
    assert names == ["LogisticRegression", "> HistGradientBoosting", "~ XGBoost"]


def test_a_name_from_elsewhere_is_not_taken_for_markup(selection: dict[str, Any], drawn: Draw) -> None:
    odd = {
        **selection,
        "table": {"[bold]x": selection["table"]["XGBoost"]},
        "cv": {"[bold]x": selection["cv"]["XGBoost"]},
    }
    assert "[bold]x" in "\n".join(drawn(Comparison(odd), 80))


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("HistGradientBoosting", "Hist\nGradient\nBoosting"),
        ("RandomForest", "Random\nForest"),
        ("XGBoost", "XGBoost"),
        ("NaiveBayes", "NaiveBayes"),
    ],
)
def test_long_names_are_broken_where_a_word_begins(name: str, lines: str) -> None:
    assert broken(name) == lines


def test_the_verdict_names_the_model_the_scores_and_the_reason(selection: dict[str, Any], drawn: Draw) -> None:
    score = {"value": 0.8, "low": 0.7, "high": 0.9}
    told = selection | {
        "scores": dict.fromkeys(("accuracy", "recall", "fpr"), score),
        "confidence": 0.9,
        "segments": [],
    }
    first, second, third = drawn(verdict(told), 300)
    assert (first, second) == ("Selected: XGBoost (on cross-validated scores)", selection["rationale"])
    assert third == (
        "On the test rows: accuracy 0.8000 (0.7000 to 0.9000), recall 0.8000 (0.7000 to 0.9000), FPR 0.8000 (0.7000 to "
        "0.9000); 90 % intervals."
    )
    assert "(on test scores)" in drawn(verdict({**told, "on": "test"}), 200)[0]
    score = score | {"low": None, "high": None}
    bare = told | {"scores": dict.fromkeys(("accuracy", "recall", "fpr"), score)}
    assert drawn(verdict(bare), 300)[2] == "On the test rows: accuracy 0.8000, recall 0.8000, FPR 0.8000."


def test_drawing_needs_no_heavy_library() -> None:
    heavy = "{'numpy', 'pandas', 'pyarrow', 'sklearn', 'jinja2', 'pydantic', 'vl_convert'}"
    code = f"import sys, phishcli.render.comparison; sys.exit(str({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "set()"
