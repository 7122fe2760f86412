# ruff: noqa: S311, SIM905 (nothing here is secret; words read better in a line)
"""Features of saved pages: processor time against parsing the same pages with selectolax alone.

Pages of about 40 kB: text, 150 links, 40 images, some scripts and a form.

    python -m benchmarks.pages [--pages 300] [--rounds 3]
"""

from __future__ import annotations

import argparse
import random
import sys
import time

from benchmarks.measure import Claim, main, tell

LIMIT = 6.0
"""Extraction takes at most so many times what bare parsing takes."""
WORDS = ("account service market garden river travel music cloud studio design photo kitchen forest sports").split()


def made(seed: int) -> bytes:
    """A page."""
    rng = random.Random(seed)
    parts = ["<!doctype html><html><head><title>A page</title><style>@media print {}</style></head><body>"]
    for number in range(150):
        text = " ".join(rng.choice(WORDS) for _ in range(24))
        place = rng.choice([f"/page{number}", "#", f"https://www.site{rng.randrange(60)}.example.com/x"])
        image = f"<img src='/i{number}.png'>" if number % 4 == 0 else ""
        parts.append(f"<div class=row><p>{text} <a href='{place}'>more</a>{image}</p></div>")
    parts.append("<script>window.open('x')</script><form action=/x><input type=password></form></body></html>")
    return "\n".join(parts).encode()


def run(given: argparse.Namespace) -> list[Claim]:
    """Measure both in turn."""
    from selectolax.lexbor import LexborHTMLParser

    from phishcli.features.pages.extract import extract

    pages = [made(seed) for seed in range(given.pages)]
    best = {"parse": float("inf"), "extract": float("inf")}
    for _ in range(given.rounds):
        for name, work in (("parse", LexborHTMLParser), ("extract", _extracting(extract))):
            started = time.process_time()
            for page in pages:
                work(page)
            best[name] = min(best[name], time.process_time() - started)
    size = sum(map(len, pages)) / len(pages) / 1000
    rates = {name: given.pages / seconds for name, seconds in best.items()}
    tell(f"pages of {size:.0f} kB: {rates['extract']:.0f} a second, {rates['parse']:.0f} where they are only parsed")
    return [Claim("features of a page", "parsing it", best["extract"] / best["parse"], LIMIT)]


def _extracting(extract):  # noqa: ANN001, ANN202 (a function of the package)
    return lambda page: extract(page, "https://www.own.example.com/")


if __name__ == "__main__":
    sys.exit(main(__doc__, run, pages=300, rounds=3))
