"""Installed versions, as fingerprints and releases name them."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from phishcli.versions import library_versions


@pytest.mark.parametrize("name", ["numpy", "scikit-learn", "PyYAML"])
def test_the_version_is_the_one_that_is_installed(name: str) -> None:
    assert library_versions([name]) == {name: version(name)}


def test_the_package_says_its_own_version() -> None:
    import phishcli

    assert phishcli.__version__ == version("phishcli")


def test_xgboost_is_found_under_either_of_its_names() -> None:
    assert library_versions(["xgboost"])["xgboost"] is not None


def test_what_is_not_installed_has_no_version() -> None:
    assert library_versions(["no-such-distribution"]) == {"no-such-distribution": None}


def test_a_checkout_that_lies_on_the_path_has_its_version_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "some_checkout.egg-info"
    folder.mkdir()
    (folder / "PKG-INFO").write_text("Metadata-Version: 2.4\nName: some-checkout\nVersion: 4.5.6\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert library_versions(["some-checkout"]) == {"some-checkout": "4.5.6"}
