# ruff: noqa: S311, FBT001, SIM905 (nothing here is secret; a class is a boolean; words read better in a line)
"""Web addresses, messages and visits of two classes from seeded grammars; no single rule tells them apart."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

BRANDS = ("paypal amazon apple microsoft netflix google facebook dhl chase ebay").split()
WORDS = (
    "garden river travel music cloud studio market design photo kitchen forest sports daily green north blue city "
    "book craft home shop news tech health auto"
).split()
LURES = ("secure login verify account update support billing signin confirm wallet service alert").split()
GOOD_ENDS = ["com"] * 10 + ["org", "net", "de", "co.uk", "io", "fr", "edu"]
BAD_ENDS = ["com"] * 6 + ["xyz", "top", "info", "ru", "online", "co", "net", "tk"]
SHARED = ["github.io", "web.app", "pages.dev", "netlify.app", "vercel.app"]
CHAT = (
    "meeting lunch tomorrow report project home dinner thanks please call later office schedule birthday train "
    "weekend movie"
).split()
BAIT = ("free prize winner claim urgent cash offer account suspended verify click bonus loan credit limited").split()
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"

Random = random.Random


def _token(rng: Random, n: int) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(n))


def _twisted(word: str, rng: Random) -> str:
    at, way = rng.randrange(1, len(word) - 1), rng.random()
    if way < 0.35:
        changed = word.replace("o", "0").replace("l", "1")
        return changed if changed != word else word[:at] + word[at] * 2 + word[at + 1 :]
    if way < 0.6:
        return word[:at] + word[at + 1 :]
    if way < 0.8:
        return word[:at] + rng.choice(LETTERS[:16]) + word[at:]
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def _bad_host(rng: Random) -> str:
    end, way = rng.choice(BAD_ENDS), rng.random()
    if way < 0.3:
        return f"{_twisted(rng.choice(BRANDS), rng)}{rng.choice(['-', '.', ''])}{rng.choice(LURES)}.{end}"
    if way < 0.5:
        return f"{rng.choice(BRANDS)}.{rng.choice(LURES)}-{_token(rng, 4)}.{end}"
    if way < 0.65:  # a site that was taken over
        return f"{rng.choice(WORDS)}{rng.choice(WORDS)}.{end}"
    if way < 0.8:
        return f"{rng.choice(WORDS)}-{_token(rng, 5)}.{rng.choice(SHARED)}"
    return f"{_token(rng, rng.randint(6, 14))}.{end}"


def _good_host(rng: Random) -> str:
    end, way = rng.choice(GOOD_ENDS), rng.random()
    first, second = rng.choice(WORDS), rng.choice(WORDS)
    if way < 0.15:
        return f"www.{rng.choice(BRANDS)}.com"
    if way < 0.3:
        return f"{first}-{second}.{rng.choice(SHARED)}"
    if way < 0.4:
        return f"{rng.choice(['login', 'account', 'support', 'secure'])}.{first}{second}.{end}"
    if way < 0.5:
        return f"{_token(rng, rng.randint(5, 9))}.{end}"
    return f"{'www.' if rng.random() < 0.6 else ''}{first}{rng.choice(['', '-'])}{second}.{end}"


def _url(bad: bool, rng: Random) -> str:
    host = _bad_host(rng) if bad else _good_host(rng)
    parts = []
    for _ in range(rng.choice([0, 1, 1, 2, 2, 3] if bad else [0, 0, 1, 1, 2, 3])):
        lured = rng.random() < (0.4 if bad else 0.12)
        parts.append(rng.choice(LURES if lured else WORDS) if rng.random() < 0.75 else _token(rng, rng.randint(3, 10)))
    end = rng.choice([".html", ".php", ".html"]) if parts and rng.random() < 0.25 else ""
    asks = rng.random() < (0.35 if bad else 0.25)
    query = f"?{rng.choice(['id', 'q', 'user', 'session', 'ref'])}={_token(rng, rng.randint(2, 16))}" if asks else ""
    return f"{'https' if rng.random() < (0.6 if bad else 0.8) else 'http'}://{host}/{'/'.join(parts)}{end}{query}"


def _message(bad: bool, rng: Random) -> str:
    n, share = rng.randint(5, 25), 0.28 if bad else 0.05
    words = [rng.choice(BAIT) if rng.random() < share else rng.choice(CHAT + WORDS) for _ in range(n)]
    if bad and rng.random() < 0.4:
        extra = [
            f"http://short.example/{_token(rng, 5)}",
            f"0800 {rng.randint(100000, 999999)}",
            f"${rng.randint(1, 5000)}",
        ]
        words.insert(rng.randrange(n), rng.choice(extra))
    if rng.random() < (0.3 if bad else 0.08):
        words = [word.upper() if rng.random() < 0.4 else word for word in words]
    return " ".join(words) + rng.choice(["!", "!!", ".", ""] if bad else [".", "", ".", "?"])


def _drawn(
    make: Callable[[bool, Random], Any], n: int, seed: int, share: float, noise: float
) -> tuple[list[Any], list[int]]:
    rng, rows, labels = random.Random(seed), [], []
    for _ in range(n):
        bad = rng.random() < share
        rows.append(make(bad, rng))
        labels.append(int(bad ^ (rng.random() < noise)))
    return rows, labels


def urls(n: int, seed: int = 0) -> dict[str, list[Any]]:
    """Addresses; 45% bad, 4% of the labels wrong."""
    rows, labels = _drawn(_url, n, seed, 0.45, 0.04)
    return {"url": rows, "label": labels}


def messages(n: int, seed: int = 0) -> dict[str, list[Any]]:
    """Messages; 30% bad, 2% of the labels wrong."""
    rows, labels = _drawn(_message, n, seed, 0.3, 0.02)
    return {"message": rows, "label": labels}


def _visit(bad: bool, rng: Random) -> tuple[str, str, float, str]:
    """Bad ones come at night and at weekends, of young accounts, from few registrars."""
    while True:
        moment = datetime(2025, 1, 1) + timedelta(minutes=rng.randrange(525_600))  # noqa: DTZ001 (no zone is meant)
        odd = moment.weekday() >= 5 or moment.hour < 6
        if rng.random() < (0.9 if odd == bad else 0.4):
            break
    age = timedelta(days=rng.expovariate(1 / (40 if bad else 400)))
    registrar = f"registrar {int(rng.triangular(0, 400, 60 if bad else 300))}"
    return moment.isoformat(" "), (moment - age).strftime("%d.%m.%Y"), rng.gauss(bad * 0.4, 1), registrar


def visits(n: int, seed: int = 0) -> dict[str, list[Any]]:
    """Visits with two dates, a number and a name of many values; 40% bad, 3% of the labels wrong."""
    rows, labels = _drawn(_visit, n, seed, 0.4, 0.03)
    seen, created, size, registrar = zip(*rows, strict=True)
    return {"seen": [*seen], "created": [*created], "size": [*size], "registrar": [*registrar], "label": labels}
