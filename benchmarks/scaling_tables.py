"""Tables for the choice of a scale: those that scikit-learn brings along, and made ones with awkward columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Problem = tuple[Floats, NDArray[np.int8]]


def _labels(random: np.random.Generator, scores: Floats, share: float = 0.4) -> NDArray[np.int8]:
    noisy = scores + random.logistic(size=len(scores))
    return (noisy > np.quantile(noisy, 1 - share)).astype(np.int8)


def _unit(x: Floats) -> Floats:
    found: Floats = (x - x.mean(axis=0)) / x.std(axis=0)
    return found


def _linear(make: Callable[[Floats], Floats]) -> Callable[[], Problem]:
    """A table of 8 columns made of normal values that tell the classes apart; ``make`` says what they are seen as."""

    def problem() -> Problem:
        random = np.random.default_rng(7)
        z = random.normal(size=(3000, 8))
        return make(z), _labels(random, 2 * z @ random.normal(size=8))

    return problem


def _mostly_zero() -> Problem:
    random = np.random.default_rng(7)
    there = random.random((3000, 12)) < random.uniform(0.02, 0.24, 12)
    x = there * np.round(np.exp(random.normal(random.uniform(0, 8, 12), 1.5, (3000, 12))))
    return x, _labels(random, 1.5 * _unit(np.log1p(x)) @ random.normal(size=12))


def _nearly_constant() -> Problem:
    random = np.random.default_rng(7)
    z = random.normal(size=(3000, 6))
    x = np.where(random.random(z.shape) < 0.76, 1000.0, 1000 + z * 10.0 ** np.arange(-2, 4))
    return x, _labels(random, 1.5 * _unit(x) @ random.normal(size=6))


def _tight() -> Problem:
    """Quartiles a millionth apart, and a fifth of the values far away."""
    random = np.random.default_rng(7)
    far = random.random((3000, 8)) < 0.2
    x = random.normal(size=far.shape) * 1e-6 + far * np.exp(random.normal(3, 2, far.shape))
    return x, _labels(random, 1.5 * _unit(np.log(np.abs(x) + 1e-3)) @ random.normal(size=8))


def _times() -> Problem:
    """A time in milliseconds that is unknown, 0, in most rows."""
    random = np.random.default_rng(7)
    known = random.random(2000) < 0.2
    time = np.where(known, 1.7e12 + random.integers(0, 86_400_000, 2000), 0.0)
    other = random.normal(size=2000)
    return np.column_stack([other, time]), _labels(random, other + known)


def _intrusions() -> Problem:
    """Bytes, flags, rates and counts of connections, most of them 0."""
    random = np.random.default_rng(7)
    n, y = 4000, (np.random.default_rng(8).random(4000) < 0.45).astype(np.int8)
    columns = []
    for _ in range(10):
        traffic = np.exp(random.normal(random.uniform(2, 9), 2.5, n) + y * random.normal(0, 0.8))
        columns += [
            np.round(traffic) * (random.random(n) < random.uniform(0.2, 0.6)),
            (random.random(n) < np.clip(random.uniform(0.01, 0.2) + y * random.normal(0, 0.08), 0, 1)).astype(float),
            np.clip(np.round(random.beta(0.3, 0.3, n) + y * random.normal(0, 0.1), 2), 0, 1),
            random.poisson(np.exp(random.uniform(-3, 3) + y * random.normal(0, 0.5)), n).astype(float),
        ]
    return np.column_stack(columns), y


def _malware(kept: float, columns: int) -> Callable[[], Problem]:
    """Fields of programs over twelve orders of magnitude; ``kept`` of the rows have the usual value of a field."""

    def problem() -> Problem:
        random = np.random.default_rng(7)
        y = (random.random(2500) < 0.4).astype(np.int8)
        made = []
        for number in range(columns):
            usual = 0.0 if number % 2 else 10.0 ** random.uniform(0, 9)
            value = np.round(
                10 ** random.uniform(0, 12) * np.exp(random.normal(0, 1.5, 2500) + y * random.normal(0, 0.5))
            )
            made.append(np.where(random.random(2500) < random.uniform(kept, 0.99), np.round(usual), value))
        return np.column_stack(made), y

    return problem


def _bundled(name: str, positive: Callable[[Any], Any]) -> Callable[[], Problem]:
    def problem() -> Problem:
        from sklearn import datasets

        found = getattr(datasets, name)()
        return found.data.astype(np.float64), positive(found.target).astype(np.int8)

    return problem


TABLES: Mapping[str, Callable[[], Problem]] = {
    "breast cancer": _bundled("load_breast_cancer", lambda target: target),
    "wine": _bundled("load_wine", lambda target: target == 1),
    "iris": _bundled("load_iris", lambda target: target == 1),
    "digits": _bundled("load_digits", lambda target: target % 2),
    "diabetes": _bundled("load_diabetes", lambda target: target > np.median(target)),
    "normal": _linear(lambda z: z),
    "tiny": _linear(lambda z: z * 1e-16),
    "mixed scales": _linear(lambda z: z * 10.0 ** np.array([-16, -9, -3, 0, 2, 5, 9, 14])),
    "log-normal": _linear(lambda z: np.exp(3 * z)),
    "cubes": _linear(lambda z: z**3),
    "mostly zero": _mostly_zero,
    "nearly constant": _nearly_constant,
    "tight": _tight,
    "times": _times,
    "intrusions": _intrusions,
    "malware, sparse": _malware(0.7, 120),
    "malware, mixed": _malware(0.3, 50),
}
