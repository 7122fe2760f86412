"""What one model goes through, and the fits it is waiting for."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from phishcli.errors import PhishError
from phishcli.fits.fit import Fit, Outcome, count_of
from phishcli.fits.ledger import Ledger
from phishcli.models.spec import EarlyStopping, ModelSpec

if TYPE_CHECKING:
    from phishcli.search.scoreboard import Board

T = TypeVar("T")
Steps = Generator[Sequence[Fit], Sequence[Outcome], T]


@dataclass(eq=False)
class Course(Generic[T]):
    """What one model goes through.

    Parameters
    ----------
    spec, seed, early
        What is fitted.
    steps
        The generator; its return value is what the course is for.
    ledger
        Where fits on folds are looked up and kept.
    board
        Where the outcomes of trials are entered, in a search.
    budget
        Seconds after which nothing but essential fits is begun.
    """

    spec: ModelSpec
    seed: int
    steps: Steps[T]
    ledger: Ledger
    early: EarlyStopping | None = None
    board: Board | None = None
    budget: float | None = None

    pending: list[Task] = field(default_factory=list, init=False)
    wanted: list[Fit] = field(default_factory=list, init=False)
    answers: dict[int, Outcome] = field(default_factory=dict, init=False)
    busy: float = field(default=0.0, init=False)
    made: int = field(default=0, init=False)
    done: int = field(default=0, init=False)
    begun: float | None = field(default=None, init=False)
    begun_asking: bool = field(default=False, init=False)

    def left(self) -> float:
        """How many fits are expected to be still to come."""
        open_ = len(self.wanted) - len(self.answers)
        if self.board is None:
            return open_
        has_final = any(fit.fold is None for fit in self.wanted)
        return max(self.board.expected(), open_) + (not has_final)

    def mean_seconds(self) -> float | None:
        """How long a fit has taken so far on average."""
        return self.busy / self.made if self.made else None


@dataclass(frozen=True)
class Ended(Generic[T]):
    """A course that has come to its end: with a result or an error, and its share of the time of the run."""

    course: Course[T]
    result: T | None
    error: PhishError | None
    seconds: float


@dataclass(eq=False)
class Task:
    """One fit to be made, and the positions of the wanted fits that it answers, by number of rounds (None: all)."""

    course: Course[Any]
    fit: Fit
    answers: dict[int | None, list[int]]
    started: float = 0.0
    threads: int = 1

    def without(self, longest: int | None) -> Task:
        """The same but for the greatest number of rounds."""
        answers = {count: positions for count, positions in self.answers.items() if count != longest}
        positions = answers[max(answers, key=lambda count: count or 0)]
        return Task(self.course, self.course.wanted[positions[0]], answers)

    @property
    def weight(self) -> float:
        """How long it is among the fits of its course."""
        return (1e9 if self.fit.fold is None else 0) + (count_of(self.course.spec, self.fit.params) or 0)
