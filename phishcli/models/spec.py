"""What a model file declares: an estimator, its defaults and its search space; its library is imported when built."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from phishcli.errors import ConfigError, TrainError, first_line, suggestion
from phishcli.models.abilities import Continuing, Monotone, Rounds, Weight, allow
from phishcli.models.own_format import OwnFormat
from phishcli.models.space import Space
from phishcli.versions import library_versions

RESERVED = {"random_state": "train.seed", "n_jobs": "run.jobs"}
"""Parameters that the configuration sets elsewhere, and where."""

LARGE = 16_000_000
"""Values in a matrix from which on it is fitted block by block, where a model can."""

SMALLEST = 0.05
"""A small table takes at least this share of the time of one of 7,000 rows and 35 features."""


class ModelSpec(msgspec.Struct, frozen=True):
    """One model.

    Parameters
    ----------
    name
        As in the configuration and in file names: ``XGBoost``.
    title
        For tables and reports.
    note
        One sentence: what it is, and what was decided about it.
    new
        Makes the bare estimator with a seed: deterministic, single-threaded, silent. Imports its library itself.
    defaults
        Parameters other than the library's own.
    for_width
        ``for_width(params, k)`` gives the parameters that suit a matrix of k columns, beside those that are set.
    space
        What the search tries: parameter -> `Space`.
    portfolio
        Parameter sets that are good on many tables and differ from each other: the first trials of a search, after the
        defaults. Our own choice, in view of public ones: AutoGluon's (TabRepo: Salinas and Erickson 2024, AutoML) and
        FLAML's (Wang et al. 2021, arXiv 2104.01711). Sets that differ in the number of rounds alone cost one fit.
    libraries
        Distributions whose version shapes what the model predicts.
    install
        The command that installs the library.
    prefix
        The path to the estimator that has the parameters, if it is wrapped: ``model__`` for the step of a pipeline.
    dtype
        The precision of the matrix it is fitted on. Predictions are always made from float32.
    workers
        Where its fits run in parallel: ``threads`` if the library releases the interpreter lock while it fits
        (``python -m benchmarks.workers`` measures that), else ``processes``.
    own_threads
        How one fit is given several threads: a parameter ``n_jobs``, the limit of OpenMP, or not at all. The
        predictions must be exactly the same for any number.
    own_threads_only_with
        Parameters that decide whether they are, and the values with which they are; with any other it gets one thread.
    rounds
        For models that grow in rounds, where a longer fit contains the shorter ones exactly.
    monotone
        For libraries that can be held to a probability that only rises, or only falls, with some columns.
    fit_early
        ``fit_early(estimator, x, y, stopping, weight=None)`` fits with early stopping on a part of the rows it is
        given.
    fit_spread
        ``fit_spread(estimator, client, x, y)`` gives a fitted estimator where x (n, k) and y (n,) are arrays of Dask,
        in chunks of the same rows, on the workers of that client.
    contributions
        ``contributions(estimator, x)`` gives what each column adds to the log odds of each row, shape (n, k), where
        the library or the form of the model gives that exactly.
    own_format
        For libraries with a format for fitted models that needs neither scikit-learn nor a pickle.
    in_blocks
        The rows of a block, where the last digits of a row's probability depend on how many rows are predicted at once,
        as they do where matrices are multiplied; 0 where they do not. See `phishcli.models.blocks`.
    weight
        What a fit takes, for models that are fitted on a sample where memory does not suffice; None for those that are
        fitted on all rows.
    fit_blocks
        ``fit_blocks(estimator, x, y)`` fits a large matrix by passes over its rows to the same result up to rounding,
        and says whether the parameters allow that; otherwise the estimator is unfitted.
    continues
        How a fitted model goes on with further rows, the usual way first; empty where it must be fitted again.
    takes
        What its fits take beyond numbers: ``missing`` values (NaN), ``categories`` (see ``with_categories``), and
        ``weights`` of the rows.
    with_categories
        ``with_categories(estimator, places)`` gives an estimator, and arguments of its ``fit``, by which it knows the
        columns at ``places`` to be codes of categories: whole numbers from 0 on, NaN for a missing one.
    weights_as
        The argument of ``fit`` that takes the weights of the rows.
    effort, quadratic
        Roughly the seconds that a fit with the defaults takes on a table of 7,000 rows and 35 features on one core, and
        whether that grows with the square of the rows. A run with a budget corrects both by what it measures.
    complexity
        1: a formula that can be read; 2: neighbors or trees; 3: kernels and networks. Used by ``prefer: simple``.
    """

    name: str
    title: str
    note: str
    new: Callable[[int], Any]
    defaults: Mapping[str, Any] = msgspec.field(default_factory=dict)
    for_width: Callable[[Mapping[str, Any], int], Mapping[str, Any]] | None = None
    space: Mapping[str, Space] = msgspec.field(default_factory=dict)
    portfolio: tuple[Mapping[str, Any], ...] = ()
    libraries: tuple[str, ...] = ("scikit-learn",)
    install: str = "pip install scikit-learn"
    prefix: str = ""
    dtype: Literal["float32", "float64"] = "float32"
    workers: Literal["threads", "processes"] = "processes"
    own_threads: Literal["none", "n_jobs", "openmp"] = "none"
    own_threads_only_with: Mapping[str, tuple[Any, ...]] = msgspec.field(default_factory=dict)
    rounds: Rounds | None = None
    monotone: Monotone | None = None
    fit_early: Callable[..., None] | None = None
    fit_spread: Callable[[Any, Any, Any, Any], Any] | None = None
    contributions: Callable[[Any, Any], Any] | None = None
    own_format: OwnFormat | None = None
    in_blocks: int = 0
    weight: Weight | None = Weight()
    fit_blocks: Callable[[Any, Any, Any], bool] | None = None
    continues: tuple[Continuing, ...] = ()
    takes: tuple[Literal["missing", "categories", "weights"], ...] = ("weights",)
    with_categories: Callable[[Any, Sequence[int]], tuple[Any, dict[str, Any]]] | None = None
    weights_as: str = "sample_weight"
    effort: float = 1.0
    quadratic: bool = False
    complexity: Literal[1, 2, 3] = 2

    def build(self, params: Mapping[str, Any], seed: int) -> Any:
        """Make an unfitted estimator with ``params`` over the defaults.

        Raises
        ------
        ConfigError
            When a parameter does not exist or is set elsewhere.
        TrainError
            When the library is missing.
        """
        estimator = self._bare(seed)
        self._check(estimator, params, where=f"train.params.{self.name}")
        merged = {**self.defaults, **params}
        return estimator.set_params(**{f"{self.prefix}{name}": value for name, value in merged.items()})

    def takes_threads(self, params: Mapping[str, Any]) -> bool:
        """Whether one fit with these parameters may use several threads."""
        return self.own_threads != "none" and allow(self.own_threads_only_with, {**self.defaults, **params})

    def round_count(self, params: Mapping[str, Any]) -> int | None:
        """Give the number of rounds that parameters ask for.

        None where the model has no rounds, the value is not valid, or a longer fit does not contain the shorter ones.
        """
        merged = {**self.defaults, **params}
        if self.rounds is None or not self.rounds.holds(merged):
            return None
        count = merged.get(self.rounds.parameter)
        return count if isinstance(count, int) and count > 0 else None

    def expected_seconds(self, rows: int, columns: int) -> float:
        """Roughly how long a fit with the defaults takes on a table of that size."""
        scale = max(rows * columns / (7_000 * 35), SMALLEST)
        return self.effort * scale * (max(rows / 7_000, SMALLEST) if self.quadratic else 1)

    def check(self, names: Iterable[str], *, where: str) -> None:
        """Raise a `ConfigError` for the first name that is no parameter; ``where`` is the key they stand under."""
        self._check(self._bare(0), names, where=where)

    def effective(self, estimator: Any) -> dict[str, Any]:
        """All parameters of an estimator, the library's defaults included, as plain JSON values."""
        found = {
            path.removeprefix(self.prefix): plain(value)
            for path, value in estimator.get_params().items()
            if not hasattr(value, "get_params") and (not self.prefix or "__" in path)
        }
        return dict(sorted(found.items()))

    def plain_space(self) -> dict[str, Any]:
        """The search space in the form it has in YAML."""
        return {name: space.plain() for name, space in self.space.items()}

    def versions(self) -> dict[str, str | None]:
        """The installed version of each library that shapes the predictions."""
        return library_versions(self.libraries)

    def _bare(self, seed: int) -> Any:
        try:
            return self.new(seed)
        except Exception as error:  # a broken library may raise anything when it is imported
            raise TrainError(
                f"{self.name} needs a library that cannot be loaded: {first_line(error)}",
                where="train.models",
                hint=f"{self.install}, or leave {self.name} out of train.models",
            ) from error

    def _takes(self, name: str) -> bool:
        """Whether it has a parameter that its library does not name before it is set, as CatBoost's constraints."""
        return self.monotone is not None and name == self.monotone.parameter

    def _check(self, estimator: Any, names: Iterable[str], *, where: str) -> None:
        known = [
            path.removeprefix(self.prefix)
            for path, value in estimator.get_params().items()
            if path.startswith(self.prefix) and not hasattr(value, "get_params")
        ]
        for name in names:
            if name in RESERVED:
                raise ConfigError(f"{name} cannot be set here", where=f"{where}.{name}", hint=f"Use {RESERVED[name]}")
            if name not in known and not self._takes(name):
                raise ConfigError(
                    f"{self.name} has no parameter {name!r}",
                    where=f"{where}.{name}",
                    hint=suggestion(name, set(known) - RESERVED.keys(), "parameters"),
                )


def plain(value: Any) -> Any:
    """Turn a parameter into a JSON value; what JSON cannot say (NaN, an object) becomes text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    value = value.item() if hasattr(value, "item") else value
    exact = value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value))
    return value if exact else str(value)
