"""What ``phish doctor`` looks at: each check gives one line, and says what to do if something is wrong."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from phishcli.errors import PhishError
from phishcli.versions import library_versions
from phishcli.wording import counted

State = Literal["ok", "note", "problem"]
DEVELOPMENT = ("dev", "mutants")
"""Extras for those who work on the program."""
LITTLE_DISK = 1_000_000_000
"""Bytes below which a run may fill the disk."""
LITTLE_MEMORY = 500_000_000
"""Bytes that a run of the built-in sample takes, roughly."""
SELF_TEST_ROWS = 400
_REQUIREMENT = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?(?:>=([\d.]+))?[^;]*(?:;(.*))?$")


class Finding(msgspec.Struct, frozen=True):
    """One line: what was looked at, what was found, whether that is well, and what to do if not."""

    name: str
    value: str
    state: State = "ok"
    hint: str | None = None


def software() -> Iterator[Finding]:
    """The program, Python, and the libraries: installed, and not older than needed."""
    yield Finding("phish", str(library_versions(["phishcli"])["phishcli"]))
    yield Finding("python", f"{sys.version.split()[0]} ({sys.executable})")
    needed = [each for each in _requirements() if each[2] is None]
    found = library_versions(name for name, _, _ in needed)
    for name, least, _ in needed:
        yield _library(name, found[name], least)
    for extra, members in _extras().items():
        installed = library_versions(members)
        missing = [name for name, version in installed.items() if version is None]
        hint = f'pip install "phishcli[{extra}]"'
        yield (
            Finding(f"extra {extra}", f"not installed ({', '.join(missing)})", "note", hint)
            if missing
            else Finding(f"extra {extra}", ", ".join(f"{name} {version}" for name, version in installed.items()))
        )


def machine() -> Iterator[Finding]:
    """Cores and memory."""
    from joblib import cpu_count

    usable, there = cpu_count(), os.cpu_count() or 1
    yield Finding("cores", f"{usable} of {there}" if usable != there else f"{usable}")
    free, total = _memory()
    if total is not None and free is not None:
        little = free < LITTLE_MEMORY
        hint = "Close other programs, or use fewer fits at a time: -j 1" if little else None
        yield Finding("memory", f"{_size(free)} free of {_size(total)}", "note" if little else "ok", hint)


def folders(paths: Mapping[str, Path], option: Mapping[str, str]) -> Iterator[Finding]:
    """Whether what a run makes can be written, and how much room there is."""
    for name, path in paths.items():
        there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
        try:
            free = shutil.disk_usage(there).free
            _try_to_write(there)
        except OSError as error:
            hint = f"Choose another folder with {option[name]}"
            yield Finding(name, f"{path.absolute()}: {error.strerror or error}", "problem", hint)
            continue
        little = free < LITTLE_DISK
        room = f"Make room, or choose another disk with {option[name]}" if little else None
        yield Finding(name, f"{path.absolute()}, {_size(free)} free", "problem" if little else "ok", room)


def self_test() -> Finding:
    """Run all stages on a small sample in a temporary folder."""
    from tempfile import TemporaryDirectory

    from phishcli.errors import first_line

    began = time.monotonic()
    try:
        with TemporaryDirectory(prefix="phish-doctor-") as folder:
            selected = _run_in(Path(folder))
    except Exception as error:  # noqa: BLE001 (whatever fails here is what somebody wants to know)
        hint = error.hint if isinstance(error, PhishError) else "`phish doctor -v` shows the traceback"
        return Finding("self-test", f"{type(error).__name__}: {first_line(error)}", "problem", hint)
    return Finding("self-test", f"all stages ran on {SELF_TEST_ROWS} rows in {_seconds(began)}; {selected}")


def _run_in(folder: Path) -> str:
    from phishcli.config import Config
    from phishcli.project import Project
    from phishcli.sources.sample import write_sample

    source = folder / "sample.parquet"
    write_sample(source, rows=SELF_TEST_ROWS)
    settings: Mapping[str, Any] = {
        "load": {"source": str(source)},
        "preprocess": {"folds": 2},
        "train": {"models": ("LogisticRegression", "XGBoost"), "params": {"XGBoost": {"n_estimators": 5}}},
        "evaluate": {"n_boot": 10},
        "report": {"charts": False},
        "run": {"cache_dir": str(folder / "cache"), "results_dir": str(folder / "results"), "jobs": 1},
    }
    run = Project(Config.model_validate(settings), folder).run("report", "persist")
    run.bundle().predict([dict.fromkeys(run.bundle().metadata.columns)])
    return f"{counted(len(run.selection.table), 'model')} compared and released"


def _library(name: str, version: str | None, least: str | None) -> Finding:
    install = f'pip install "{name}>={least}"' if least else f"pip install {name}"
    if version is None:
        return Finding(name, "not installed", "problem", install)
    if least and _numbers(version) < _numbers(least):
        return Finding(name, f"{version}, older than {least}", "problem", install)
    return Finding(name, version)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)[:3]]


def _requirements() -> list[tuple[str, str | None, str | None]]:
    """What the package declares: distribution, least version, extra; without those for other systems."""
    from importlib.metadata import requires

    found = []
    for text in requires("phishcli") or ():
        match = _REQUIREMENT.match(text.strip())
        marker = (match[3] or "") if match else ""
        other_system = ("== 'darwin'" in marker.replace('"', "'")) != (sys.platform == "darwin")
        if match and not ("sys_platform" in marker and other_system):
            extra = re.search(r"extra == ['\"](\w+)['\"]", marker)
            found.append((match[1], match[2], extra[1] if extra else None))
    return found


def _extras() -> dict[str, list[str]]:
    extras: dict[str, list[str]] = {}
    for name, _, extra in _requirements():
        if extra is not None and extra not in DEVELOPMENT:
            extras.setdefault(extra, []).append(name)
    return extras


def _memory() -> tuple[int | None, int | None]:
    """Free and total memory in bytes, where the system tells."""
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        total = page * os.sysconf("SC_PHYS_PAGES")
        free = page * os.sysconf("SC_AVPHYS_PAGES")
    except (ValueError, OSError):
        return None, None
    try:
        available = re.search(
            r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE
        )
    except OSError:
        available = None
    return int(available[1]) * 1024 if available else free, total


def _try_to_write(folder: Path) -> None:
    from tempfile import TemporaryFile

    with TemporaryFile(dir=folder) as file:
        file.write(b"phish")


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB"


def _seconds(began: float) -> str:
    return f"{time.monotonic() - began:.1f} s"


def problems(findings: Iterable[Finding]) -> list[Finding]:
    """Those that keep a run from working."""
    return [finding for finding in findings if finding.state == "problem"]
