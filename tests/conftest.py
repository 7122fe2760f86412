"""What all tests share: an empty folder to work in, a small table, and the program itself."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

hypothesis.settings.register_profile("phish", deadline=None)  # how long a machine takes says nothing of the code
hypothesis.settings.load_profile("phish")

if TYPE_CHECKING:
    from phishcli.documents.fit_record import FitRecord
    from phishcli.fits.matrices import TrainingData
    from phishcli.fits.task import FitTask

REAL = Path(__file__).parents[2] / "shared" / "data" / "phishing.db"
GOLDEN = Path(__file__).parent / "golden"
QUICK = (
    "--set=evaluate.n_boot=40",
    "--set=report.charts=false",
)
"""Settings under which the whole pipeline takes a second on the small table."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, without settings from the environment, at a fixed width."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PHISH_")]:
        monkeypatch.delenv(name)
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":  # mutmut counts calls, which it can in this process alone
        monkeypatch.delenv("MUTANT_UNDER_TEST")
    monkeypatch.setenv("COLUMNS", "120")


def small_table(rows: int = 240, seed: int = 0) -> pd.DataFrame:
    """A table that can be learnt, but not perfectly: numbers with gaps, a category with a blank, a label in words."""
    rng = np.random.default_rng(seed)
    phishing = rng.random(rows) < 0.4
    lines = np.where(phishing, rng.poisson(40, rows), rng.poisson(400, rows)).astype(float)
    lines[rng.random(rows) < 0.1] = np.nan
    return pd.DataFrame(
        {
            "Unnamed: 0": np.arange(rows),
            "Lines": lines,
            "NoOfImage": rng.integers(-2, 30, rows) + 5 * ~phishing,
            "Industry": rng.choice(["eCommerce", "eCommerce ", "Banking"], rows),
            "label": np.where(phishing ^ (rng.random(rows) < 0.08), "phishing", "legitimate"),
        }
    )


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    """The small table as a CSV file in the current folder."""
    path = tmp_path / "sites.csv"
    small_table().to_csv(path, index=False)
    return path


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Phish = Callable[..., Said]


@pytest.fixture(autouse=True)
def interrupts() -> Iterator[None]:
    """Let Ctrl-C work again after a test in which the program ignored it on its way out."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def phish() -> Phish:
    """Call the program in this process: ``phish("status", "--json")``."""
    from phishcli.cli.app import lean

    def call(*arguments: str | Path) -> Said:
        texts = [str(argument) for argument in arguments]
        result = CliRunner().invoke(lean(texts), texts)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def on_sites(phish: Phish, sites: Path) -> Phish:
    """Call the program on the small table, with quick settings."""

    def call(*arguments: str | Path, models: str = "[LogisticRegression,NaiveBayes]") -> Said:
        data = ("--source", sites, "--target=label", "--positive-label=phishing")
        return phish(*arguments, *data, *QUICK, f"--set=train.models={models}")

    call.__wrapped__ = phish  # type: ignore[attr-defined]  # for a call with other settings
    return call


@pytest.fixture
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str, str], None]:
    """Compare a text with a file in ``tests/golden``, times, paths and hashes scrubbed."""

    def compare(name: str, text: str) -> None:
        text = scrub(text, tmp_path)
        path = GOLDEN / f"{name}.txt"
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"look at it; --update-golden accepts it as {path.name}"

    return compare


def scrub(text: str, folder: Path) -> str:
    """Replace what differs from run to run: folders, fingerprints, times, dates."""
    text = text.replace(str(folder), "FOLDER")
    text = re.sub(r"\b[0-9a-f]{8,64}\b", "HASH", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+(\+00:00| UTC)", "DATE", text)
    text = re.sub(r"\b\d+\.\d+ s\b|\b\d+ s\b|\b\d+ ms\b", "TIME", text)
    text = re.sub(r"\b[\d.]+ (kB|bytes|MB)", "SIZE", text)
    text = re.sub(r" +(TIME|SIZE)", r" \1", text)  # how wide a time is depends on the time
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


@pytest.fixture
def real() -> Path:
    """The real database, where it lies beside the checkout."""
    if not REAL.is_file():
        pytest.skip(f"the real database is not there: {REAL.parent.name}/{REAL.name} beside the checkout")
    return REAL


# Fits, for the tests of everything that trains.


def overlapping(n: int = 200, n_folds: int = 3, **options: Any) -> TrainingData:
    """Make a problem with two classes that overlap, in folds."""
    from sklearn.datasets import make_classification
    from sklearn.model_selection import StratifiedKFold

    from phishcli.features.folds import Fold
    from phishcli.fits.matrices import TrainingData

    x, y = make_classification(n, 6, **{"flip_y": 0.2, "random_state": 0, **options})
    x, y, folds = x.astype(np.float32), y.astype(np.int8), np.zeros(n, dtype=np.int8)
    for number, (_, held_out) in enumerate(StratifiedKFold(n_folds).split(x, y)):
        folds[held_out] = number

    def make_fold(number: int) -> Fold:
        out = folds == number
        return Fold(number, x[~out], y[~out], x[out], y[out], np.flatnonzero(out))

    return TrainingData(x, y, np.arange(n), folds, make_fold)


@pytest.fixture(scope="session")
def make_data() -> Callable[..., TrainingData]:
    """Make a problem: ``make_data(400, n_folds=5, flip_y=0.1)``."""
    return overlapping


@pytest.fixture(scope="session")
def data() -> TrainingData:
    """The problem that most tests of fits use: 200 rows in 3 folds."""
    return overlapping()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[FitTask]:
    """All fits that the local backend is asked to make."""
    from phishcli.fits.backends.local import LocalBackend

    found: list[FitTask] = []
    submit = LocalBackend.submit

    def spy(self: LocalBackend, key: int, task: FitTask) -> None:
        found.append(task)
        submit(self, key, task)

    monkeypatch.setattr(LocalBackend, "submit", spy)
    return found


@pytest.fixture
def ledger() -> Any:
    """An empty ledger that counts what is put into it: ``ledger.puts`` has the first record of each call."""
    from phishcli.fits.ledger import MemoryLedger

    class Counting(MemoryLedger):
        def __init__(self) -> None:
            super().__init__()
            self.puts: list[FitRecord] = []

        def put(self, records: Mapping[str, FitRecord]) -> None:
            self.puts += list(records.values())[:1]
            super().put(records)

    return Counting()
