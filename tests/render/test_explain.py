"""What the models rely on: a table of features and models that fits the terminal, most important first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from phishcli.documents.explanations import Contribution, Explanations, Importance
from phishcli.render.explain import FEATURES, ExplainView

Draw = Callable[..., list[str]]


def explained(
    drops: dict[str, float],
    *,
    coefficients: dict[str, float] | None = None,
    contributions: tuple[Contribution, ...] | None = None,
) -> Explanations:
    ranked = sorted(drops.items(), key=lambda pair: -pair[1])
    return Explanations(
        rows=1000,
        permutation=tuple(Importance(feature=name, drop=drop, std=0.001) for name, drop in ranked),
        contributions=contributions,
        coefficients=coefficients,
        partial_dependence={},
    )


TWO = {
    "LogisticRegression": explained({"Lines": 0.2, "Host": 0.05, "Age": -0.001}),
    "HistGradientBoosting": explained({"Lines": 0.1, "Age": 0.07, "Host": 0.0}),
}


def test_features_stand_in_the_order_of_the_most_that_any_model_would_lose(drawn: Draw) -> None:
    rows = [line.split() for line in drawn(ExplainView(TWO)) if line.startswith(("Lines", "Host", "Age"))]
    assert rows == [
        ["Lines", "+0.2000", "+0.1000"],
        ["Age", "-0.0010", "+0.0700"],
        ["Host", "+0.0500", "+0.0000"],
    ]


def test_what_the_explain_stage_measures_can_be_drawn(drawn: Draw, explanation: Explanations) -> None:
    lines = drawn(ExplainView({"XGBoost": explanation}))
    shown = {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith(("Lines", "Host"))}
    assert shown == {each.feature: round(each.drop, 4) for each in explanation.permutation}


def test_what_matters_most_to_a_model_is_bold(drawn: Draw) -> None:
    many = {"XGBoost": explained({f"f{number}": 0.1 - number / 100 for number in range(5)})}
    bold = [line for line in drawn(ExplainView(many), color=True) if "\x1b[1m" in line]
    assert [line.split()[0] for line in bold] == ["f0", "f1", "f2"]


def test_only_the_weightiest_features_are_shown_and_the_others_counted(drawn: Draw) -> None:
    names = [f"feature_{number:02}" for number in range(FEATURES + 5)]
    view = ExplainView({"XGBoost": explained({name: 1 / (place + 1) for place, name in enumerate(names)})})
    lines = drawn(view)
    assert [line.split()[0] for line in lines if line.startswith("feature_")] == names[:FEATURES]
    assert "5 more features in --json" in " ".join(lines)


def test_a_feature_that_one_model_was_not_asked_about_is_a_dash(drawn: Draw) -> None:
    view = ExplainView({"A": explained({"Lines": 0.2}), "B": explained({"Host": 0.1})})
    rows = [line.split() for line in drawn(view) if line.startswith(("Lines", "Host"))]
    assert rows == [["Lines", "+0.2000", "-"], ["Host", "-", "+0.1000"]]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_models_are_parted_into_blocks_and_nothing_is_cut(drawn: Draw, width: int) -> None:
    view = ExplainView({f"SomeLongModel{number}": TWO["LogisticRegression"] for number in range(6)})
    lines = drawn(view, width)
    assert max(map(len, lines)) <= width
    assert "…" not in "\n".join(lines)
    assert " ".join(lines).count("+0.2000") == 6


def test_coefficients_and_contributions_are_told_of_the_models_that_have_them(drawn: Draw) -> None:
    weights = {"Lines": 0.1, "Lines_Missing": -3.0, "Host_AWS": 1.25, "Age": 0.01}
    added = (Contribution(feature="Lines", mean_abs=2.5), Contribution(feature="Age", mean_abs=0.5))
    view = ExplainView(
        {
            "LogisticRegression": explained({"Lines": 0.1}, coefficients=weights, contributions=added),
            "XGBoost": explained({"Lines": 0.1}, contributions=added),
            "KNN": explained({"Lines": 0.1}),
        }
    )
    assert drawn(view)[-2:] == [
        "LogisticRegression: log odds per unit of the scaled feature: Lines_Missing -3.00, Host_AWS +1.25, Lines +0.10",
        "XGBoost: mean absolute contribution in log odds: Lines 2.50, Age 0.50",
    ]


def test_a_name_from_the_data_is_not_taken_for_markup(drawn: Draw) -> None:
    assert "[bold]x" in "\n".join(drawn(ExplainView({"A": explained({"[bold]x": 0.1})})))
