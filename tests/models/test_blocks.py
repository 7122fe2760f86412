"""What a model says of a row does not depend on the rows that are asked for with it."""

from __future__ import annotations

import numpy as np
import pytest

from phishcli.fits.worker import fit
from phishcli.models import registry
from phishcli.models.blocks import in_blocks
from phishcli.models.own_format import PositiveClass


def test_blocks_have_one_size_and_nothing_is_lost() -> None:
    sizes = []

    def first(matrix: np.ndarray) -> np.ndarray:
        sizes.append(len(matrix))
        return matrix[:, 0]

    matrix = np.arange(14, dtype=np.float32).reshape(7, 2)
    assert in_blocks(first, matrix, 3).tolist() == [0, 2, 4, 6, 8, 10, 12]
    assert sizes == [3, 3, 3]
    assert len(in_blocks(first, matrix[:0], 3)) == 0


@pytest.mark.parametrize("name", sorted(set(registry()) - {"NeuralNetwork"}))
def test_a_row_alone_has_the_probability_that_it_has_among_others(name: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(700, 12)).astype(np.float32).round(1)
    y = (x[:, 0] + rng.normal(size=700) > 0).astype(int)
    spec = registry()[name]
    score = PositiveClass(fit(spec, {}, 0, x[:500], y[:500]), spec.in_blocks)
    together = score(x)
    for size in (1, 7, 130):
        rows = slice(0, 40) if size == 1 else slice(0, 700)
        parts = [score(x[rows][start : start + size]) for start in range(0, len(x[rows]), size)]
        assert np.concatenate(parts).tobytes() == together[rows].tobytes()
