"""What the documentation says to type works: commands, Python and YAML, in their order, on a small table.

Blocks fenced as ``console``, ``bash``, ``python`` and ``yaml`` are tried. In a console block with lines that begin with
``$`` these are the commands and the rest is output; otherwise every line is a command. A comment on the line before a
block changes what is expected::

    <!-- test: skip (the reason) -->
    <!-- test: exit 2 -->
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from phishcli.cli.app import whole
from phishcli.settings import load_config
from phishcli.sources.sample import write_sample

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("README.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/decisions/*.md")])

TRIED = {"phish", "python", "duckdb", "jq"}
HARMLESS = {"ls", "cat", "head", "tail", "cd", "mkdir", "cp", "EOF"}
"""Further first words; they are run with the block they stand in."""
SHOWN = {"text", "json"}
"""Languages of blocks that are looked at, not tried."""
SET_UP = {"git", "pip"}
"""First words of lines that set a machine up; they are not run."""
SHELL = set("|&;<>$*`(){}#'\"\\~")
QUICK = {
    "PHISH_LOAD__SOURCE": "small.db",
    "PHISH_PREPROCESS__FOLDS": "2",
    "PHISH_TRAIN__PARAMS": "{RandomForest: {n_estimators: 3}, HistGradientBoosting: {max_iter: 3}}",
    "PHISH_TRAIN__TUNE__N_ITER": "2",
    "PHISH_EVALUATE__N_BOOT": "20",
    "PHISH_REPORT__CHARTS": "false",
}
"""Settings under which every command takes a moment; options in the documentation win over them."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line it begins in, and what the comment before it says."""

    language: str
    text: str
    line: int
    skip: str | None = None
    exit_code: int = 0

    @property
    def commands(self) -> list[str]:
        """Shell commands, one each; a bash block is one script."""
        lines = self.text.splitlines()
        if self.language == "bash":
            return [self.text]
        prompted = [line[2:] for line in lines if line.startswith("$ ")]
        return prompted or [line for line in lines if line.strip() and not line.startswith("#")]


FENCE = re.compile(
    r"(?:^<!-- test: (?P<said>[^\n]*) -->\n+)?^(?P<ticks>```+)(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=ticks)$",
    flags=re.MULTILINE | re.DOTALL,
)


def blocks(page: str) -> Iterator[Block]:
    """Find the fenced blocks of a page.

    Raises
    ------
    ValueError
        When a comment is not understood; a block is skipped only for a reason.
    """
    for match in FENCE.finditer(page):
        line = page.count("\n", 0, match.start("ticks")) + 1
        said = match["said"] or "exit 0"
        skip, code = re.fullmatch(r"skip \((.+)\)", said), re.fullmatch(r"exit (\d+)", said)
        if not (skip or code):
            raise ValueError(f"line {line}: test: skip (REASON) or test: exit CODE, not {said!r}")
        reason, expected = skip[1] if skip else None, int(code[1]) if code else 0
        yield Block(match["language"], match["text"], line, reason, expected)


def first_word(command: str) -> str:
    """The program that a command calls, without assignments in front."""
    words = shlex.split(command.splitlines()[0], comments=True, posix=False) if command.strip() else []
    return next((word for word in words if not re.match(r"[A-Z_]+=", word)), "")


@dataclass
class Shell:
    """Runs commands in the current folder: plain ``phish`` ones in this process, the others with bash."""

    path: str

    def run(self, command: str) -> tuple[int, str]:
        """Run one command; gives its exit code and all that it said."""
        plain = command.partition(" #")[0].strip()
        if plain.startswith("phish ") and not SHELL & set(plain):
            result = CliRunner().invoke(whole(), shlex.split(plain)[1:])
            return result.exit_code, result.output
        script = ["bash", "-euo", "pipefail", "-c", command]
        environment = {**os.environ, "PATH": self.path}
        done = subprocess.run(script, capture_output=True, text=True, check=False, env=environment)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A folder as a reader would have it: the configurations, a table, the phishing database, all small."""
    write_sample(tmp_path / "small.db", rows=400)
    write_sample(tmp_path / "sites.csv", rows=400)
    table = pd.read_csv("sites.csv")
    phishing = table.pop("isPhishing") == 1
    table.assign(label=phishing.map({True: "phishing", False: "legitimate"})).to_csv("sites.csv", index=False)
    with_labels(table, phishing)
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    for name, value in QUICK.items():
        monkeypatch.setenv(name, value)
    return Shell(f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def with_labels(table: pd.DataFrame, phishing: pd.Series) -> None:
    """Write ``phishing.db`` with the labels of the real database: 0 = phishing."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect("phishing.db")) as database:
        table.assign(label=(~phishing).astype(int)).to_sql("phishing_data", database, index=False)


def targets() -> set[str]:
    """The targets of the Makefile."""
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def missing(command: str) -> set[str]:
    """Optional programs that a command needs and this machine lacks."""
    return {name for name in ("jq", "duckdb") if re.search(rf"(^|[|]\s*){name}\s", command) and not shutil.which(name)}


def run_shell(block: Block, shell: Shell, where: str) -> set[str]:
    """Run the commands of a block; gives the optional programs that were missing for some of them."""
    lacking: set[str] = set()
    for command in block.commands:
        word = first_word(command.replace("\\\n", " ").lstrip())
        if word == "make":
            assert {name for name in shlex.split(command, comments=True)[1:] if "=" not in name} <= targets(), where
        elif lacks := missing(command):
            lacking |= lacks
        elif word not in SET_UP:
            known = block.language == "bash" or word in TRIED | HARMLESS
            assert known, f"{where}: {word!r} is not a command that can be tried; mark the block with a reason"
            code, said = shell.run(command)
            assert code == block.exit_code, f"{where}: `{command}` exits with {code}, not {block.exit_code}:\n{said}"
    return lacking


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_says_to_type_works(page: Path, shell: Shell) -> None:
    lacking: set[str] = set()
    for block in blocks(page.read_text(encoding="utf-8")):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        if block.skip is not None:
            continue
        if block.language in ("console", "bash"):
            lacking |= run_shell(block, shell, where)
        elif block.language == "python":
            exec(compile(block.text, where, "exec"), {"__name__": "__main__"})  # noqa: S102 (it is our own page)
        elif block.language == "yaml":
            Path("block.yaml").write_text(block.text, encoding="utf-8")
            load_config(Path("block.yaml"), environ={})
        else:
            assert block.language in SHOWN, f"{where}: a block of {block.language!r} is not tried; use another language"
    if lacking:
        pytest.skip(f"all works but what needs {', '.join(sorted(lacking))}, which is not installed")


def test_the_pages_are_there() -> None:
    names = {page.relative_to(ROOT).as_posix() for page in PAGES}
    assert {"README.md", "docs/cli.md", "docs/models.md", "docs/pipeline.md"} <= names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings_that_exist(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, heading = link.partition("#")
        target = (page.parent / path) if path else page
        if not re.match(r"[a-z]+:", link) and not (target.exists() and heading in {"", *anchors(target)}):
            broken.append(link)
    assert broken == []


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made from their text."""
    if page.is_dir():
        return set()
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_a_block_is_skipped_only_for_a_reason() -> None:
    assert [block.skip for block in blocks("<!-- test: skip (no network) -->\n```bash\nphish\n```\n")] == ["no network"]
    with pytest.raises(ValueError, match="line 2: test: skip"):
        list(blocks("<!-- test: skip -->\n```bash\nphish\n```\n"))


def test_a_command_that_does_not_work_fails_the_test(shell: Shell) -> None:
    (block,) = blocks("text\n\n```console\n$ phish status --nonsense\nno command\n```\n")
    with pytest.raises(AssertionError, match=r"page:1: `phish status --nonsense` exits with 2, not 0"):
        run_shell(block, shell, "page:1")


def test_a_command_that_nobody_can_try_has_to_be_marked(shell: Shell) -> None:
    (block,) = blocks("```console\nsudo phish\n```\n")
    with pytest.raises(AssertionError, match="'sudo' is not a command that can be tried"):
        run_shell(block, shell, "page:1")


def test_bash_blocks_stop_at_the_first_line_that_fails(shell: Shell) -> None:
    (block,) = blocks("```bash\nphish path load --set a.b=1 | cat\nls\n```\n")
    with pytest.raises(AssertionError, match="exits with 2, not 0"):
        run_shell(block, shell, "page:1")
