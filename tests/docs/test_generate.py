"""The pages that the code writes say what the code says."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import ModuleType

import pytest

from phishcli.models import registry

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    """``docs/generate.py``, which is no part of the package."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["cli.md", "models.md", "audit.md"])
def test_a_page_is_what_the_code_says(generate: ModuleType, name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == generate.DOCUMENTS[name](), f"docs/{name} is out of date: renew it with `make docs`"


def test_every_command_and_exit_code_has_its_place(generate: ModuleType) -> None:
    page = generate.cli_reference()
    for command in ("load", "run-all", "status", "sample", "cache gc", "config show"):
        assert f"\n## phish {command}\n" in page
    assert "| `-c, --config FILE` |" in page
    assert page.count("| `--dry-run` |") == 11
    assert page.count("--positive-label") == 1
    assert "| 8 | A requested check, such as `status --check`, failed. |" in page


def test_every_model_has_its_defaults_and_its_search_space(generate: ModuleType) -> None:
    page = generate.models_reference()
    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == [
        "Ensemble",
        "Large tables",
        *registry(),
    ]
    assert "| [SVM](#svm) | 200,000 | on the sample in memory, also limited by time |" in page
    assert "| `max_depth` | the library's | `5`, `10`, `15`, `20`, `null` |" in page
    assert "| `C` | the library's | 0.001 to 100, logarithmic |" in page


def test_the_script_writes_the_pages_beside_itself(tmp_path: Path, generate: ModuleType) -> None:
    script = tmp_path / "generate.py"
    script.write_text((DOCS / "generate.py").read_text(encoding="utf-8"), encoding="utf-8")
    runpy.run_path(str(script), run_name="__main__")
    assert {path.name for path in tmp_path.glob("*.md")} == set(generate.DOCUMENTS)
