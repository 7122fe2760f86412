"""The opening of a report says how good the model is, in plain words."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from phishcli.documents.metrics import Bootstrap
from phishcli.render.assemble import ReportData
from phishcli.render.words import confidence, doubts, headline, small_print

Make = Callable[..., ReportData]


def test_the_headline_counts_detections_and_false_alarms(data: ReportData) -> None:
    assert headline(data.summary)[0] == (
        "XGBoost detects 83 of 100 phishing sites, and raises a false alarm on 13 of 100 legitimate ones."
    )


def test_the_headline_gives_the_accuracy_with_its_interval_beside_the_plainest_guess(data: ReportData) -> None:
    assert headline(data.summary)[1] == (
        "On 200 test rows that it was not trained on, its accuracy is 0.8550 (95% interval 0.8050 to 0.9050). Always "
        "predicting legitimate gives 0.5500."
    )


def test_the_headline_says_what_that_means_on_a_day_where_the_model_is_to_work(make: Make) -> None:
    """75 of 90 detected and 14 of 110 false: of 10,000 sites of which 100 are phishing, 83.3 and 1,260."""
    place = {"base_rate": 0.01, "volume": 10_000, "analyst_minutes": 3}
    assert headline(make(operation=place).summary)[2] == (
        "If 1% of 10,000 sites a day are phishing, that means 1,343 alerts a day (825 to 2,049), 83 of them true, and "
        "67 hours of work."
    )


def test_without_resampling_no_interval_is_mentioned(make: Make) -> None:
    summary = make(bounds=False).summary
    assert "its accuracy is 0.8550. Always" in headline(summary)[1]
    assert confidence(summary) == ""


def test_rows_in_groups_and_the_interval_of_delong_are_in_the_small_print(make: Make) -> None:
    summary = make(evaluation={"delong": (0.8, 0.9), "resolution": None}).summary
    assert small_print(summary) == ["By DeLong's method, the ROC-AUC of XGBoost is 0.8000 to 0.9000."]
    grouped = Bootstrap(n_boot=200, confidence=0.95, seed=42, groups=1_200)
    summary = make(evaluation={"delong": None, "resolution": "Too few rows.", "bootstrap": grouped}).summary
    assert small_print(summary) == ["Too few rows.", "Rows come in 1,200 groups, which were resampled as a whole."]


def test_doubtful_labels_are_counted_by_reason(make: Make) -> None:
    suspects = pd.DataFrame({"reason": ["contradicted", "contradicted, conflicting twins", "conflicting twins"]})
    assert doubts(make(suspects=suspects).summary) == (
        "label_suspects.csv lists 3 rows whose label should be checked: 2 contradicted by models that had not seen "
        "them and 2 with an identical row of the other label."
    )
    assert doubts(make(suspects=suspects[:0]).summary) == ""
