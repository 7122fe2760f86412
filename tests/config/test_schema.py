"""A section that was cut down holds what it should, and reading anything else fails."""

from __future__ import annotations

import pytest

from phishcli.config.schema import Config, EvaluateConfig, LoadConfig


def test_only_keeps_the_named_fields_and_reading_another_fails() -> None:
    section = EvaluateConfig(seed=7).only("seed", "n_boot")
    assert section.model_dump() == {"n_boot": 1000, "seed": 7}
    with pytest.raises(AttributeError, match="no attribute 'threshold'"):
        _ = section.threshold


def test_without_leaves_the_named_fields_out_and_the_section_itself_alone() -> None:
    whole = LoadConfig(source="sites.csv")
    section = whole.without("source")
    assert "source" not in section.model_dump()
    with pytest.raises(AttributeError, match="no attribute 'source'"):
        _ = section.source
    assert whole.source == "sites.csv"


def test_sections_cut_down_alike_are_equal_whatever_was_cut_off() -> None:
    assert LoadConfig(source="a").without("source") == LoadConfig(source="b").without("source")
    assert LoadConfig(target="a").without("source") != LoadConfig(target="b").without("source")


def test_defaults_are_of_the_types_that_reading_them_back_gives() -> None:
    """Otherwise 5 becomes 5.0 in a file, and what was made with the default is stale."""
    assert repr(Config.model_validate(Config().model_dump(mode="json"))) == repr(Config())
