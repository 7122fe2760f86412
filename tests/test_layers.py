"""Imports point one way, and what must start fast imports nothing heavy."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "phishcli"

FLOORS: tuple[tuple[str, ...], ...] = (
    ("__main__", "__init__"),
    ("cli",),
    ("sweep", "update"),
    ("project",),
    ("forecast",),
    ("settings",),
    ("history",),
    ("stages",),
    ("strategies",),
    ("serving",),
    ("render",),
    ("flow",),
    ("audit",),
    ("evasion",),
    ("ensemble",),
    ("search",),
    ("evaluation",),
    ("fits",),
    ("features",),
    ("tables",),
    ("sources",),
    ("models",),
    ("artifacts",),
    ("config",),
    ("documents",),
    ("errors", "events"),
    ("files", "address", "machine", "typed", "versions", "wording"),
)
"""The house from the top down: a part may use what stands on a lower line, and nothing else but itself."""

HEAVY = ("numpy", "pandas", "sklearn", "scipy", "pyarrow", "xgboost", "lightgbm", "joblib", "altair", "pooch", "jinja2")


def imported(path: Path) -> set[str]:
    """Every module that a file imports when it runs; what only type checkers see does not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(_without_type_checking(tree)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def _without_type_checking(tree: ast.Module) -> ast.Module:
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING")
    ]
    return tree


def part_of(path: Path) -> str:
    """The part of the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def floor_of(part: str) -> int:
    """The number of a part's floor, from the top."""
    return next(number for number, parts in enumerate(FLOORS) if part in parts)


def arrows() -> set[tuple[str, str, str]]:
    """Every import from one part of the package to another: the file, its part, and the part it imports."""
    found = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        for name in imported(path):
            top, _, rest = name.partition(".")
            if top == "phishcli" and rest and (part := rest.partition(".")[0]) != part_of(path):
                found.add((path.relative_to(PACKAGE).as_posix(), part_of(path), part))
    return {arrow for arrow in found if (PACKAGE / arrow[2]).is_dir() or (PACKAGE / f"{arrow[2]}.py").is_file()}


def test_every_part_of_the_package_has_its_floor() -> None:
    parts = {part_of(path) for path in PACKAGE.rglob("*.py")}
    assert parts == {part for parts in FLOORS for part in parts}


def test_the_picture_in_the_architecture_page_is_this_table() -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawn = page.partition("```text\n")[2].partition("```")[0].splitlines()
    names = [tuple(part.strip() for part in re.split(r"  +", line)[0].split(",")) for line in drawn]
    assert names == list(FLOORS[1:])


def test_no_arrow_runs_up_or_sideways() -> None:
    assert {arrow for arrow in arrows() if floor_of(arrow[1]) >= floor_of(arrow[2])} == set()


def test_nobody_reaches_into_the_private_parts_of_another_package() -> None:
    found = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("phishcli"):
                found |= {(path.name, alias.name) for alias in node.names if alias.name.startswith("_")}
    assert found == set()


def test_nothing_outside_of_cli_imports_cli() -> None:
    outside = [path for path in PACKAGE.rglob("*.py") if "cli" not in path.relative_to(PACKAGE).parts]
    importers = {
        str(path.relative_to(PACKAGE))
        for path in outside
        if any(name == "phishcli.cli" or name.startswith("phishcli.cli.") for name in imported(path))
    }
    assert importers == {"__main__.py"}


@pytest.mark.parametrize(
    "package", ["stages", "sources", "tables", "features", "models", "fits", "search", "evaluation"]
)
def test_only_the_edge_knows_rich_and_typer_and_nothing_prints(package: str) -> None:
    for path in sorted((PACKAGE / package).rglob("*.py")):
        assert not any(name.split(".")[0] in ("rich", "typer") for name in imported(path)), path
        calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
        assert not any(isinstance(call.func, ast.Name) and call.func.id == "print" for call in calls), path


@pytest.mark.parametrize(
    "module",
    [
        "phishcli.cli.app",
        "phishcli.project",
        "phishcli.stages.report",
        "phishcli.render.comparison",
        "phishcli.render.status",
        "phishcli.serving.bundle",
    ],
)
def test_the_light_path_imports_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
