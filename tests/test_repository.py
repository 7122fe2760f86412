"""What the files around the package promise: versions, pins, configurations, folders, targets."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import pytest

from phishcli.config.schema import Config
from phishcli.settings import load_config

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HOST = re.compile(r"\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:org|com|net)\b", re.IGNORECASE)
INDEX_OPTION = re.compile(r"--(?:extra-)?index-url|--find-(?:links)")
HOSTS = {"git-lfs.github.com", "www.w3.org", "yaml.org"}
"""The hosts that files name: in the head of a pointer file, in the name space of SVG, and in the tags of YAML."""
SOCIAL = {"facebook.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com"}
"""Networks that pages link to."""
RESERVED = ("example.com", "example.net", "example.org")
"""Domains that are kept for documentation, and all names below them."""
MADE_UP = {
    "a.com",
    "a.org",
    "x.org",
    "y.org",
    "z.org",
    "other.org",
    "www.a.com",
    "www.b.com",
    "b.org",
    "c.net",
    "example.org",
}
"""Hosts in the tables of the tests."""
BY_ANOTHER = {
    "urllib3": "requests",
    "adbc-driver-manager": "adbc-driver-sqlite",
    "xgboost": "xgboost-cpu",
    "xgboost-cpu": "xgboost",
}
"""Dependencies that are used through, or in the place of, another one."""


def plain(name: str) -> str:
    """The name of a distribution as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str]) -> set[str]:
    """The distributions that requirements name; the project itself, with its extras, is none."""
    found = {plain(match[0]) for line in requirements if (match := re.match(r"[\w.-]+", line))}
    return found - {plain(PROJECT["name"])}


def dependencies() -> set[str]:
    """All dependencies, those of extras too."""
    extras = [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
    return names(PROJECT["dependencies"]) | names(extras)


def tracked() -> list[Path]:
    """The text files that git knows."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, so nothing tells which files belong to the repository")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_the_program_has_the_version_of_the_project() -> None:
    said = subprocess.run([sys.executable, "-m", "phishcli", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["phish", PROJECT["version"]]
    assert version("phishcli") == PROJECT["version"]


def test_the_changelog_begins_with_what_is_unreleased_or_with_this_version() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    released = [heading.split()[0] for heading in headings if heading != "Unreleased"]
    assert headings[:1] == ["Unreleased"] or released[:1] == [PROJECT["version"]]
    assert released[:1] in ([], [PROJECT["version"]])


def test_constraints_hold_names_and_versions_only_each_name_once_in_order() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z][\w.-]*==[\w.]+", line)] == []
    pinned = [plain(line.partition("==")[0]) for line in lines]
    assert len(pinned) == len(set(pinned))


def test_every_dependency_is_pinned() -> None:
    pinned = names((ROOT / "constraints.txt").read_text().splitlines())
    assert dependencies() - pinned == set()


def test_every_dependency_at_run_time_is_imported_by_the_package() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "phishcli").rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", code, flags=re.MULTILINE))
    used = {plain(name) for module, found in packages_distributions().items() if module in imported for name in found}
    asked = names(PROJECT["dependencies"]) | names(PROJECT["optional-dependencies"]["charts"])
    assert {name for name in asked if not {name, BY_ANOTHER.get(name)} & used} == set()


def test_no_file_names_a_package_index_or_any_other_host_than_the_known_ones() -> None:
    texts = {path.name: path.read_bytes().decode("utf-8", errors="replace") for path in tracked()}
    named = {(name, host) for name, text in texts.items() for host in map(str.lower, HOST.findall(text))}
    known = HOSTS | SOCIAL | MADE_UP
    assert {each for each in named if each[1] not in known and not each[1].endswith(RESERVED)} == set()
    assert [name for name, text in texts.items() if INDEX_OPTION.search(text)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda path: path.name)
def test_every_configuration_is_valid(path: Path) -> None:
    assert load_config(path, environ={}).files == (path,)


def test_the_default_configuration_changes_nothing() -> None:
    assert load_config(ROOT / "configs" / "default.yaml", environ={}).config == Config()


@pytest.mark.parametrize("folder", [".cache", "results"])
def test_git_holds_nothing_of_what_runs_make(folder: str) -> None:
    held = [path.relative_to(ROOT).as_posix() for path in tracked() if path.relative_to(ROOT).parts[0] == folder]
    assert held == [f"{folder}/.gitignore"]


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    assert targets == set(re.findall(r"^\.PHONY: (.+)$", makefile, flags=re.MULTILINE)[0].split())
    if shutil.which("make") is None:
        pytest.skip("make is not installed; the Makefile was only read")
    said = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(re.findall(r"^  make (\w+) +\S", said.stdout, flags=re.MULTILINE)) == targets


def test_test_folders_mirror_the_package() -> None:
    packages = {path.parent.name for path in (ROOT / "phishcli").glob("*/__init__.py")}
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    assert folders - packages <= {"docs", "benchmarks"}
    assert packages - folders == set()
