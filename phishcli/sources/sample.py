"""The built-in sample: a synthetic phishing table with the layout, the warts and the difficulty of the real one.

Pages are drawn in groups (legitimate, phishing, phishing without a line count; each by number of links), every group
from its own Gaussian copula. ``sample.json`` holds the aggregates of the real table that this takes, and says how they
were made (``benchmarks/derive_sample.py``). Light to import: a cached run reads the constants.
"""

from __future__ import annotations

import json
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from phishcli.errors import ConfigError, system_error
from phishcli.events import Progress, ignore
from phishcli.files import appearing_file
from phishcli.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from phishcli.events import OnEvent

SAMPLE_VERSION = 1
"""Bumped when the same rows and seed give another table (a test compares the content)."""
DEFAULT_ROWS = 10_500
DEFAULT_SEED = 42
BLOCK_ROWS = 50_000
"""Rows drawn and written at a time: bounds the memory, and is part of what the content depends on."""


def write_sample(
    path: Path,
    *,
    rows: int = DEFAULT_ROWS,
    seed: int = DEFAULT_SEED,
    force: bool = False,
    on_event: OnEvent = ignore,
) -> None:
    """Write a synthetic phishing table; the same ``rows`` and ``seed`` always give the same content.

    The table is drawn and written in blocks of `BLOCK_ROWS`, so memory does not grow with ``rows``. The file gets its
    name only when it is complete.

    Parameters
    ----------
    path
        Where to. The suffix decides the form: ``.db``, ``.sqlite``, ``.sqlite3``, ``.csv``, ``.csv.gz``, ``.parquet``.
    rows
        Number of rows, at least 1.
    seed
        Seed of every draw, at least 0.
    force
        Replace the file if it exists.
    on_event
        Receives after every block how many rows are written.

    Raises
    ------
    ConfigError
        If ``rows`` or ``seed`` is out of range, the suffix is unknown, the file exists and ``force`` is not given, or
        it cannot be written.

    Notes
    -----
    Measured on two cores that others used too: 1,000,000 rows at about 400,000 a second to Parquet and CSV and 180,000
    to SQLite (down to 140,000 and 60,000 under full load); 5,000,000 rows peak at 200 MB, 10,500 rows at 145 MB.
    """
    import sqlite3

    from phishcli.sources.sample_files import writer_for

    write = writer_for(path)
    _check(path, rows, seed, force=force)
    try:
        with appearing_file(path) as unfinished:
            write(unfinished, _reported(blocks(rows, seed), rows, on_event), load_spec())
    except (OSError, sqlite3.Error) as error:
        elsewhere = "choose another place with -o/--output"
        raise system_error(error, "The sample could not be written", where=path, elsewhere=elsewhere) from error


MOST_ROWS = 10**10
"""More would fill any disk."""


def blocks(rows: int, seed: int) -> Iterator[pa.Table]:
    """Draw the sample as Arrow tables of at most `BLOCK_ROWS` rows: index column, 14 features, target."""
    import numpy as np

    spec = load_spec()
    for number, start in enumerate(range(0, rows, BLOCK_ROWS)):
        rng = np.random.default_rng([seed, number])
        yield draw_block(spec, start, min(BLOCK_ROWS, rows - start), rng)


def load_spec() -> dict[str, Any]:
    """Read ``sample.json``: layout, groups (sizes, marginals, correlations), provenance."""
    from importlib.resources import files

    spec: dict[str, Any] = json.loads(files("phishcli.sources").joinpath("sample.json").read_text(encoding="utf-8"))
    return spec


def draw_block(spec: Mapping[str, Any], start: int, rows: int, rng: np.random.Generator) -> pa.Table:
    """Draw ``rows`` pages of all groups in shuffled order, numbered from ``start``.

    Every group fills its share of the rows. Its first pages carry the other class's label (``swapped``), its last ones
    repeat others of the group (``copied``): both as shares of the group.
    """
    import numpy as np
    import pyarrow as pa

    groups = spec["groups"]
    sizes = _sizes([group["rows"] for group in groups], rows)
    drawn = [_group_table(spec, group, size, rng) for group, size in zip(groups, sizes, strict=True)]
    table = pa.concat_tables(drawn).take(rng.permutation(rows))
    return table.add_column(0, spec["index"], pa.array(np.arange(start, start + rows)))


def draw_group(group: Mapping[str, Any], rows: int, rng: np.random.Generator) -> dict[str, NDArray[np.int64]]:
    """Draw pages of one group: correlated normal scores, turned into values by each column's quantile function.

    Parameters
    ----------
    group
        ``marginals`` by column and, in the same order, the ``correlation`` of the normal scores.
    rows
        Number of pages.
    rng
        Source of the random numbers.

    Returns
    -------
    dict
        Column to ``rows`` values (int64); for categories the position among the marginal's ``values``.

    Notes
    -----
    This is NORTA: Cario and Nelson, "Modeling and generating random vectors with arbitrary marginal distributions and
    correlation matrix", Northwestern University, 1997. The scores are mixed column by column and not by a matrix
    product, so that no value depends on the linear algebra library or its threads.
    """
    import numpy as np
    from scipy.special import ndtr

    loadings = np.linalg.cholesky(np.asarray(group["correlation"], dtype=np.float64)).round(9)
    noise = rng.standard_normal((len(loadings), rows))
    drawn = {}
    for row, (column, marginal) in enumerate(group["marginals"].items()):
        scores = sum(loadings[row, other] * noise[other] for other in range(row + 1))
        drawn[column] = _quantile(marginal, ndtr(scores))
    return drawn


def _quantile(marginal: Mapping[str, Any], uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """Turn probabilities into values: a step function for categories, else lines between knots and a Pareto tail."""
    import numpy as np

    if "shares" in marginal:
        return np.searchsorted(np.cumsum(marginal["shares"])[:-1], uniform, side="right")
    values = np.interp(uniform, marginal["probabilities"], marginal["quantiles"])
    if "tail" in marginal:
        last = marginal["probabilities"][-1]
        beyond = uniform > last
        start = max(marginal["quantiles"][-1], 1)
        values[beyond] = _tail(start, marginal["tail"], (uniform[beyond] - last) / (1 - last))
    whole: NDArray[np.int64] = np.rint(values).astype(np.int64)
    return whole


def _tail(start: float, tail: Mapping[str, float], uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of a Pareto distribution from ``start``, truncated at the tail's bound."""
    kept = 1 - (start / tail["bound"]) ** tail["index"]
    values: NDArray[np.float64] = start * (1 - uniform * kept) ** (-1 / tail["index"])
    return values


def _sizes(weights: Sequence[int], rows: int) -> list[int]:
    """Divide ``rows`` in proportion to ``weights``; cumulated sums are rounded, so that no row is lost."""
    ends = [round(rows * end / sum(weights)) for end in accumulate(weights, initial=0)]
    return [after - before for before, after in pairwise(ends)]


def _group_table(spec: Mapping[str, Any], group: Mapping[str, Any], rows: int, rng: np.random.Generator) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    drawn = draw_group(group, rows, rng)
    columns = {
        name: _arrow(kind, group["marginals"].get(name), drawn.get(name), rows)
        for name, kind in spec["features"].items()
    }
    swapped, repeats = round(group["swapped"] * rows), round(group["copied"] * rows)
    target = np.full(rows, group["target"])
    target[:swapped] = 1 - group["target"]
    source = np.arange(rows)
    source[rows - repeats :] = rng.integers(swapped, rows - repeats, repeats)
    return pa.table({**columns, spec["target"]: target}).take(source)


def _arrow(kind: str, marginal: Mapping[str, Any] | None, drawn: NDArray[np.int64] | None, rows: int) -> pa.Array:
    """One column in the type of the table; a group without a marginal for it has no values."""
    import pyarrow as pa

    types = {"INTEGER": pa.int64(), "REAL": pa.float64(), "TEXT": pa.string()}
    if marginal is None or drawn is None:
        return pa.nulls(rows, types[kind])
    if kind == "TEXT":
        return pa.array(marginal["values"], types[kind]).take(pa.array(drawn))
    return pa.array(drawn).cast(types[kind])


def _check(path: Path, rows: int, seed: int, *, force: bool) -> None:
    if rows <= 0:
        raise ConfigError(
            f"A sample of {counted(rows, 'row')} was asked for.", hint="Give --rows a whole number above 0."
        )
    if rows > MOST_ROWS:
        raise ConfigError(f"A sample of {rows:,} rows was asked for.", hint=f"Give --rows at most {MOST_ROWS:,}.")
    if seed < 0:
        raise ConfigError(f"The seed {seed} is negative.", hint="Give --seed a whole number, 0 or above.")
    if path.is_dir():
        raise ConfigError("The sample needs a file name, this is a folder.", where=str(path), hint="Add a file name.")
    if path.exists() and not force:
        raise ConfigError(
            "The file already exists.", where=str(path), hint="Add --force to replace it, or choose another name."
        )


def _reported(tables: Iterator[pa.Table], rows: int, on_event: OnEvent) -> Iterator[pa.Table]:
    """Pass tables on; when the next one is asked for, the one before is written."""
    done = 0
    for table in tables:
        yield table
        done += table.num_rows
        on_event(Progress("sample", done, rows, "rows"))
