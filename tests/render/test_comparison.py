"""The comparison in the terminal is readable at any width, and without color."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from phishcli.documents.metrics import Score
from phishcli.documents.selection import Selection
from phishcli.render.comparison import ModelComparison, broken, selection_text

Draw = Callable[..., list[str]]


NARROW = """\
                                 ~ Hist
                     Logistic  Gradient             always
Metric             Regression  Boosting  > XGBoost       0
──────────────────────────────────────────────────────────
CV accuracy            0.8200    0.8525   * 0.8600  0.5500
  ± over folds         0.0100    0.0025     0.0100  0.0000

Accuracy               0.8250    0.8400   * 0.8550  0.5500
Precision              0.8235    0.8085   * 0.8427       -
Recall                 0.7778  * 0.8444     0.8333  0.0000
F1                     0.8000    0.8261   * 0.8380  0.0000
Specificity            0.8636    0.8364   * 0.8727  1.0000
FPR                    0.1364    0.1636   * 0.1273  0.0000
FNR                    0.2222  * 0.1556     0.1667  1.0000
Balanced accuracy      0.8207    0.8404   * 0.8530  0.5000
MCC                    0.6455    0.6786   * 0.7068  0.0000
ROC-AUC                0.9697    0.9745   * 0.9788  0.5000
PR-AUC                 0.9683    0.9741   * 0.9776  0.4500
Log loss               0.3686    0.3460   * 0.3235  0.6881
Brier score            0.1203    0.1108   * 0.1014  0.2475
Calibration error      0.2225    0.2120   * 0.2015  0.0000
TPR at 10% FPR         0.7778  * 0.8444     0.8333  0.0000
TPR at 1% FPR               -         -          -       -
TPR at 0.1% FPR             -         -          -       -

* best   > selected   ~ statistically tied with the best   - no value
lower is better: FPR, FNR, Log loss, Brier score, Calibration error
CV: on the training rows
"""


def test_models_are_columns_at_80_characters(selection: Selection, drawn: Draw) -> None:
    assert drawn(ModelComparison(selection), 80) == NARROW.splitlines()


def test_models_are_rows_where_there_is_room(selection: Selection, drawn: Draw) -> None:
    lines = drawn(ModelComparison(selection), 240)
    assert next(line for line in lines if line.startswith("Model")).split()[:4] == [
        *("Model", "CV", "accuracy", "Accuracy")
    ]
    names = [line[:24].strip() for line in lines if "0.8" in line]
    assert names == ["LogisticRegression", "~ HistGradientBoosting", "> XGBoost"]
    constant = next(line for line in lines if line.startswith(f"always {selection.constant.label}"))
    assert "0.5500" in constant
    chosen = next(line for line in lines if "XGBoost" in line)
    assert chosen.startswith("> XGBoost               * 0.8600 ± 0.0100  * 0.8550   * 0.8427    0.8333  * 0.8380")


@pytest.mark.parametrize("width", [40, 45, 80, 100, 120, 160, 200, 240])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(selection: Selection, drawn: Draw, width: int) -> None:
    lines = drawn(ModelComparison(selection), width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert "…" not in text
    shown = [value for scores in selection.table.values() for value in scores.values() if value is not None]
    assert all(f"{value:.4f}" in text for value in shown)


def test_ten_models_are_parted_into_equal_blocks_at_80_characters(selection: Selection, drawn: Draw) -> None:
    names = [f"Model{number}" for number in range(10)]
    many = replace(
        selection,
        table=dict.fromkeys(names, selection.table["XGBoost"]),
        cv=dict.fromkeys(names, selection.cv["XGBoost"]),
        best={},
        top_group=("Model3",),
        model="Model3",
    )
    heads = [line.split() for line in drawn(ModelComparison(many), 80) if line.startswith("Metric")]
    assert heads == [["Metric", *names[:3], ">", *names[3:6]], ["Metric", *names[6:], str(selection.constant.label)]]


def test_the_best_are_bold_and_all_that_tie_are_marked(selection: Selection, drawn: Draw) -> None:
    tied = replace(selection, best={"recall": ("XGBoost", "LogisticRegression")})
    line = next(line for line in drawn(ModelComparison(tied), 80, color=True) if line.startswith("Recall"))
    assert re.findall(r"\x1b\[1m *\* ([\d.]+)\x1b\[0m", line) == ["0.7778", "0.8333"]


def legend(lines: list[str]) -> str:
    """The first line that explains the marks."""
    return next(line for line in lines if line.startswith("* best"))


def test_only_the_marks_that_are_there_are_explained(selection: Selection, drawn: Draw) -> None:
    resolved = {model: dict.fromkeys(scores, 0.5) for model, scores in selection.table.items()}
    constant = replace(selection.constant, scores=resolved["XGBoost"])
    alone = replace(selection, top_group=("XGBoost",), table=resolved, constant=constant)
    assert legend(drawn(ModelComparison(alone), 80)) == "* best   > selected"
    assert "~" not in "\n".join(drawn(ModelComparison(alone), 80))


def test_a_model_that_is_preferred_leaves_the_best_of_the_group_its_mark(selection: Selection, drawn: Draw) -> None:
    simple = replace(selection, model="HistGradientBoosting")
    lines = drawn(ModelComparison(simple), 240)
    names = [line[:24].strip() for line in lines if "0.8" in line]
    assert names == ["LogisticRegression", "> HistGradientBoosting", "~ XGBoost"]


def test_a_name_from_elsewhere_is_not_taken_for_markup(selection: Selection, drawn: Draw) -> None:
    odd = replace(selection, table={"[bold]x": selection.table["XGBoost"]}, cv={"[bold]x": selection.cv["XGBoost"]})
    assert "[bold]x" in "\n".join(drawn(ModelComparison(odd), 80))


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


def test_the_text_names_the_model_the_scores_and_the_reason(selection: Selection, drawn: Draw) -> None:
    score = Score(value=0.8, low=0.7, high=0.9)
    shown = replace(selection, scores=dict.fromkeys(("accuracy", "recall", "fpr"), score), confidence=0.9, segments=())
    first, second, third = drawn(selection_text(shown), 300)
    assert (first, second) == ("Selected: XGBoost (on cross-validated scores)", selection.rationale)
    assert third == (
        "On the test rows: accuracy 0.8000 (0.7000 to 0.9000), recall 0.8000 (0.7000 to 0.9000), FPR 0.8000 (0.7000 to "
        "0.9000); 90% intervals."
    )
    assert "(on test scores)" in drawn(selection_text(replace(shown, on="test")), 200)[0]
    bare = replace(shown, scores=dict.fromkeys(("accuracy", "recall", "fpr"), Score(value=0.8)))
    assert drawn(selection_text(bare), 300)[2] == "On the test rows: accuracy 0.8000, recall 0.8000, FPR 0.8000."


def test_drawing_needs_no_heavy_library() -> None:
    heavy = "{'numpy', 'pandas', 'pyarrow', 'sklearn', 'jinja2', 'pydantic', 'vl_convert'}"
    code = f"import sys, phishcli.render.comparison; sys.exit(str({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "set()"
