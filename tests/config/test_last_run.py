"""What is kept of the settings of a run: what differs from the defaults."""

from __future__ import annotations

from phishcli.config import Config
from phishcli.config.last_run import changed


def test_nothing_differs_from_the_defaults_in_the_settings_that_nobody_changed() -> None:
    assert dict(changed(Config())) == {"load.source": "sample"}


def test_what_was_changed_is_kept_at_any_depth() -> None:
    given = {"load": {"source": "a.csv", "csv": {"decimal": ","}}, "train": {"tune": {"n_iter": 7}}}
    kept = dict(changed(Config.model_validate(given)))
    assert kept == {"load.source": "a.csv", "load.csv.decimal": ",", "train.tune.n_iter": 7}
