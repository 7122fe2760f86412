"""What a shell proposes on TAB, as bash and zsh ask for it, and what must not be loaded for that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from phishcli.cli import completion
from phishcli.config.key_paths import all_keys, known_values
from phishcli.evaluation.requirements import Requirement
from phishcli.settings import load_config

RUN = "from phishcli.cli.start import main; import sys; sys.argv = ['phish']; main()"


@pytest.fixture
def bash(tmp_path: Path) -> Callable[..., list[str]]:
    """The proposals for words as bash breaks them, the last one unfinished."""

    def complete(*words: str) -> list[str]:
        asked = {"COMP_WORDS": "\n".join(("phish", *words)), "COMP_CWORD": str(len(words))}
        return _proposed({**asked, "_PHISH_COMPLETE": "complete_bash"}, tmp_path)

    return complete


def _proposed(asked: dict[str, str], folder: Path) -> list[str]:
    environ = {**os.environ, **asked, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", RUN], check=False, env=environ, cwd=folder, capture_output=True, text=True
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_every_kind_of_value_is_proposed(bash: Callable[..., list[str]]) -> None:
    assert bash("sho") == ["show"]
    assert bash("show", "pre") == ["preprocess"]
    assert "train/XGBoost" in bash("show", "train/")
    assert bash("train", "Xg") == []  # as it is spelled: a shell does not change what was typed
    assert bash("train", "XG") == ["XGBoost"]
    assert bash("run-all", "--mod") == ["--models"]
    assert bash("run-all", "--models", "SVM,Naive") == ["SVM,NaiveBayes"]
    assert bash("run-all", "--set", "preprocess.split.s") == ["preprocess.split.seed=42"]
    assert bash("run-all", "--set", "train.tune.meth") == [f"train.tune.method={each}" for each in METHODS]


METHODS = ("race", "random", "grid", "optuna", "list")


def test_words_that_bash_breaks_are_one_word_again(bash: Callable[..., list[str]]) -> None:
    assert bash("run-all", "--set", "train.tune.method", "=", "ra") == ["race", "random"]
    assert bash("run-all", "--set", "train.tune.method", "=") == list(METHODS)
    assert bash("run-all", "--role", "url", "=", "date-d") == ["date-day-first"]
    assert bash("gate", "--require", "tpr", "@", "fpr", "=", "0.00") == ["0.001\\>="]


def test_zsh_gets_whole_words(tmp_path: Path) -> None:
    asked = {"_PHISH_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "phish gate --require accu"}
    assert '"accuracy>="' in " ".join(_proposed(asked, tmp_path))


def test_columns_are_those_of_the_last_table_and_bad_files_are_none(
    bash: Callable[..., list[str]], tmp_path: Path
) -> None:
    assert bash("load", "--drop", "") == []
    schema = tmp_path / completion.SCHEMA
    schema.parent.mkdir(parents=True)
    columns = [{"name": "Lines"}, {"name": "Lines_Missing", "indicator_of": "Lines"}]
    for content, expected in {
        json.dumps({"columns": columns, "set_aside": {"id": "every value is different"}}): ["Lines", "id"],
        json.dumps({"columns": 3, "set_aside": None}): [],
        "[" * 100_000: [],
        "not JSON": [],
    }.items():
        schema.write_text(content)
        assert bash("load", "--drop", "") == expected


def test_what_is_proposed_is_accepted() -> None:
    simple = [key.name for key in all_keys().values() if known_values(key.name) and key.kind != "mapping"]
    assert len(simple) > 50
    for name in simple:
        for value in known_values(name):
            if (name, value) not in NEED_MORE:
                load_config((), sets=[f"{name}={value}"], environ={})
    for text in completion.requirements(""):
        Requirement.parse(f"{text}0.5")


NEED_MORE = {("train.bagging", "true"), ("train.tune.method", "list"), ("train.monotone", "auto")}
"""Values that are valid only beside another setting."""


@pytest.mark.parametrize(
    "words", [("show", ""), ("run-all", "--set", "train."), ("gate", "--require", ""), ("train", "--models", "")]
)
def test_a_tab_loads_no_library_of_data_or_models(words: tuple[str, ...], tmp_path: Path) -> None:
    code = f"""
import sys, os, atexit
loaded = lambda: sys.stderr.write(" ".join({{"pandas", "sklearn", "pyarrow", "numpy", "scipy"}} & set(sys.modules)))
atexit.register(loaded)
{RUN}
"""
    asked = {"COMP_WORDS": "\n".join(("phish", *words)), "COMP_CWORD": str(len(words))}
    environ = {**os.environ, **asked, "_PHISH_COMPLETE": "complete_bash", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, env=environ, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.split()
    assert done.stderr == ""
