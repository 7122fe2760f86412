"""A stage whose code has changed needs a new version, or somebody who says that its meaning is the same.

``stage_versions.json`` holds, for each file in ``phishcli/stages``, the version that it declares and a hash over the
code that makes it up: the file itself, all modules of the packages below that it imports, however indirectly, and the
files that such modules name (a template). Docstrings, comments and formatting do not count.

``python tests/test_stage_versions.py`` records the present state.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from phishcli import stages

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "phishcli"
RECORD = Path(__file__).with_name("stage_versions.json")
PARTS = (
    "documents",
    "sources",
    "tables",
    "features",
    "audit",
    "models",
    "fits",
    "search",
    "ensemble",
    "evaluation",
    "render",
    "serving",
)
"""Packages whose modules make up stages; the flow, the configuration, the artifacts and the command line do not."""
FILES = sorted(path for path in (PACKAGE / "stages").glob("*.py") if path.stem != "__init__")
BEFORE = {PACKAGE / "sources" / "download.py", PACKAGE / "sources" / "sample.py"}
"""What brings a source onto the disk: the content of the source is part of the fingerprint, however it came there."""
BEHIND = {"load": (PACKAGE / "sources" / "file_source.py",)}
"""What a stage uses without importing it: ``load`` reads the source that it is given."""


NAMED = (".json", ".html", ".css", ".js", ".md")
"""Kinds of files that a module may name."""


def module_file(name: str) -> Path | None:
    """The file of a module that counts, or None."""
    top, _, rest = name.partition(".")
    if top != "phishcli" or rest.partition(".")[0] not in PARTS:
        return None
    path = ROOT.joinpath(*name.split("."))
    found = [file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()]
    return found[0] if found else None


@cache
def tree_of(file: Path) -> ast.Module:
    """The code of a file; none of one that is not Python."""
    return ast.parse(file.read_text(encoding="utf-8") if file.suffix == ".py" else "")


def imports(tree: ast.AST) -> Iterator[Path]:
    """The files that a piece of code imports, in functions too."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from (file for name in names if (file := module_file(name)))


def mentioned(file: Path, tree: ast.AST) -> Iterator[Path]:
    """Files beside a module that it names, and what it discovers: a registry takes every file of its folder."""
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    yield from (path for path in file.parent.iterdir() if path.suffix in NAMED if path.name in words)
    if any(isinstance(node, ast.Name) and node.id == "iter_modules" for node in ast.walk(tree)):
        yield from file.parent.rglob("*.py")


def made_of(stage: Path) -> list[Path]:
    """The files that make up a stage, besides its own."""
    found: set[Path] = set()
    todo = [*imports(tree_of(stage)), *BEHIND.get(stage.stem, ())]
    while todo:
        file = todo.pop()
        if file not in found | BEFORE:
            found.add(file)
            tree = tree_of(file)
            todo += [*imports(tree), *mentioned(file, tree)]
    return sorted(found)


def meaning(node: Any) -> Any:
    """A piece of code as plain values, without docstrings and positions; the same on every version of Python."""
    if isinstance(node, list):
        return [meaning(part) for part in node]
    if not isinstance(node, ast.AST):
        return repr(node)
    parts = {field: value for field, value in ast.iter_fields(node) if value not in (None, [])}
    if (
        isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and ast.get_docstring(node, clean=False) is not None
    ):
        parts["body"] = node.body[1:]
    return [type(node).__name__, {field: meaning(value) for field, value in parts.items()}]


def source_hash(stage: Path) -> str:
    """A hash over all that makes up a stage."""
    code: dict[str, Any] = {"stage": meaning(tree_of(stage))}
    for file in made_of(stage):
        code[file.relative_to(PACKAGE).as_posix()] = [meaning(tree_of(file)), _text(file)]
    return hashlib.sha256(json.dumps(code, sort_keys=True).encode()).hexdigest()


def _text(file: Path) -> str | None:
    return None if file.suffix == ".py" else file.read_text(encoding="utf-8")


def version(stage: Path) -> int:
    """The version that a stage declares."""
    declared: int = import_module(f"{stages.__name__}.{stage.stem}").STAGE.version
    return declared


def record() -> dict[str, dict[str, Any]]:
    """What ``stage_versions.json`` should hold."""
    return {stage.stem: {"version": version(stage), "source": source_hash(stage)} for stage in FILES}


@pytest.mark.parametrize("stage", FILES, ids=lambda stage: stage.stem)
def test_a_stage_whose_code_changed_has_a_new_version(stage: Path) -> None:
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))[stage.stem]
    changed = source_hash(stage) != recorded["source"]
    assert not (changed and version(stage) == recorded["version"]), (
        f"The code of {stage.stem} has changed. If its artifacts now mean something else, bump the version in "
        f"phishcli/stages/{stage.name}; then `python tests/test_stage_versions.py` records the new state."
    )
    assert version(stage) == recorded["version"], "Record the new version: `python tests/test_stage_versions.py`"


@pytest.mark.parametrize(
    ("stage", "files"),
    [
        (
            "load",
            {
                "features/loading.py",
                "sources/readers/parquet_reader.py",
                "features/target.py",
                "sources/readers/sqlite_reader.py",
                "features/clean.py",
            },
        ),
        ("preprocess", {"features/preprocessing.py", "tables/split.py", "features/transform.py"}),
        (
            "train",
            {
                "search/training.py",
                "models/xgboost.py",
                "models/knn.py",
                "search/race.py",
                "fits/backends/local.py",
                "features/transform.py",
            },
        ),
        ("audit", {"audit/split_audit.py", "audit/check.py", "audit/checks/duplicate_rows.py"}),
        ("gap", {"evaluation/gap.py", "tables/split.py", "evaluation/intervals.py"}),
        ("evaluate", {"evaluation/evaluate.py", "evaluation/intervals.py"}),
        ("compare", {"evaluation/compare.py", "evaluation/selection.py"}),
        ("explain", {"evaluation/explain_model.py", "evaluation/explain.py", "models/xgboost.py"}),
        (
            "report",
            {
                "render/assemble.py",
                "render/charts/scores.py",
                "render/charts/explanations.py",
                "render/page/page.html",
                "render/page/macros.html",
                "render/page/comparison.html",
                "render/page/style.css",
                "render/page/script.js",
                "render/model_card.md",
                "render/text/operation.py",
            },
        ),
        ("persist", {"serving/release.py"}),
    ],
)
def test_a_stage_is_made_of_what_it_imports_however_indirectly(stage: str, files: set[str]) -> None:
    assert files <= {file.relative_to(PACKAGE).as_posix() for file in made_of(PACKAGE / "stages" / f"{stage}.py")}


def test_no_stage_is_made_of_all_there_is() -> None:
    files = {stage.stem: {file.relative_to(PACKAGE).as_posix() for file in made_of(stage)} for stage in FILES}
    assert not any(
        name.startswith(("models/", "search/", "fits/", "render/")) for name in files["load"] | files["preprocess"]
    )
    unneeded = files["evaluate"] - {"models/blocks.py"}
    assert not any(name.startswith(("sources/", "models/", "search/")) for name in unneeded)


def test_docstrings_comments_and_layout_do_not_count_but_code_does() -> None:
    before = meaning(ast.parse('"""One."""\ndef f(x: int) -> int:\n    """Two."""\n    return x + 1  # three\n'))
    assert meaning(ast.parse("def f(x: int) -> int:\n\n    return (x +\n        1)\n")) == before
    assert meaning(ast.parse("def f(x: int) -> int:\n    return x + 2\n")) != before


if __name__ == "__main__":
    RECORD.write_text(json.dumps(record(), indent=2) + "\n", encoding="utf-8")
