"""Imports point one way, and what must start fast imports nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "phishcli"

FORBIDDEN = {
    "stages": ("cli", "store", "render", "pipeline", "project", "execute", "graph"),
    "data": ("cli", "store", "render", "stages", "pipeline", "project", "execute", "graph"),
    "models": ("cli", "store", "render", "stages", "data", "pipeline", "project", "execute", "graph"),
    "search": ("cli", "store", "render", "stages", "pipeline", "project", "execute", "graph"),
    "evaluation": ("cli", "store", "render", "stages", "data", "models", "search", "pipeline", "project", "execute"),
    "store": ("cli", "render", "stages", "data", "models", "search", "evaluation", "config", "pipeline", "project"),
    "config": ("cli", "store", "render", "stages", "pipeline", "project", "execute", "graph"),
    "render": ("cli", "pipeline", "project", "execute", "search", "data", "stages"),
}
"""Package -> parts of phishcli that it must not import."""

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


@pytest.mark.parametrize("package", FORBIDDEN)
def test_imports_point_one_way(package: str) -> None:
    wrong = {
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in sorted((PACKAGE / package).rglob("*.py"))
        for name in imported(path)
        for part in FORBIDDEN[package]
        if name == f"phishcli.{part}" or name.startswith(f"phishcli.{part}.")
    }
    assert wrong == set()


def test_nothing_outside_of_cli_imports_cli() -> None:
    outside = [path for path in PACKAGE.rglob("*.py") if "cli" not in path.relative_to(PACKAGE).parts]
    importers = {
        str(path.relative_to(PACKAGE))
        for path in outside
        if any(name == "phishcli.cli" or name.startswith("phishcli.cli.") for name in imported(path))
    }
    assert importers == {"__main__.py"}


@pytest.mark.parametrize("package", ["stages", "data", "models", "search", "evaluation"])
def test_only_the_edge_knows_rich_and_typer_and_nothing_prints(package: str) -> None:
    for path in sorted((PACKAGE / package).rglob("*.py")):
        assert not any(name.split(".")[0] in ("rich", "typer") for name in imported(path)), path
        calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
        assert not any(isinstance(call.func, ast.Name) and call.func.id == "print" for call in calls), path


@pytest.mark.parametrize(
    "module",
    ["phishcli.cli.app", "phishcli.project", "phishcli.render.comparison", "phishcli.render.status", "phishcli.bundle"],
)
def test_the_light_path_imports_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
