"""Installed versions, as fingerprints and releases name them."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from phishcli.versions import library_versions


@pytest.mark.parametrize("name", ["numpy", "scikit-learn", "PyYAML"])
def test_the_version_is_the_one_that_is_installed(name: str) -> None:
    assert library_versions([name]) == {name: version(name)}


def test_xgboost_is_found_under_either_of_its_names() -> None:
    assert library_versions(["xgboost"])["xgboost"] is not None


def test_what_is_not_installed_has_no_version() -> None:
    assert library_versions(["no-such-distribution"]) == {"no-such-distribution": None}
