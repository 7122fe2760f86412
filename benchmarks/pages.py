# ruff: noqa: S311, SIM905 (nothing here is secret; words read better in a line)
"""Features of saved pages: processor time against parsing the same pages with selectolax alone, and peak memory.

Three kinds of pages of 30 to 100 kB: mostly text, mostly links, mostly scripts. The command is measured as a process
with all that it starts, from saved files to a table, less what it takes for ten pages.

    python -m benchmarks.pages [--pages 300] [--rounds 3]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.measure import PHISH, PYTHON, Claim, Cost, main, spend, tell

WORDS = ("account service market garden river travel music cloud studio design photo kitchen forest sports").split()
URL = "https://www.own.example.com/"
LIMITS = {"text": 6.0, "links": 4.0, "scripts": 9.0}
"""Extraction takes at most so many times what bare parsing takes."""
WHOLE = 5.0
"""And the command so many times, with reading files, processes and writing the table."""
MANY = 4_000
BARE = """
import sys
from pathlib import Path
from selectolax.lexbor import LexborHTMLParser
for path in sorted(Path(sys.argv[1]).iterdir()):
    LexborHTMLParser(path.read_bytes())
"""


def page(kind: str, seed: int) -> bytes:
    """A page."""
    rng = random.Random(seed)
    parts = ["<!doctype html><html><head><title>A page</title><style>@media print {}</style></head><body>"]
    rows, words = {"text": (150, 24), "links": (500, 2), "scripts": (60, 10)}[kind]
    for number in range(rows):
        text = " ".join(rng.choice(WORDS) for _ in range(words))
        place = rng.choice([f"/page{number}", "#", f"https://www.site{rng.randrange(60)}.example.com/x"])
        image = f"<img src='/i{number}.png'>" if number % 4 == 0 else ""
        parts.append(f"<div class=row><p>{text} <a href='{place}'>more</a>{image}</p></div>")
    if kind == "scripts":
        lines = (f"var {rng.choice(WORDS)}{number} = window.{rng.choice(WORDS)}({number});" for number in range(2200))
        parts.append(f"<script>{''.join(lines)}</script>")
    parts.append("<script>window.open('x')</script><form action=/x><input type=password></form></body></html>")
    return "\n".join(parts).encode()


def best_of(rounds: int, works: Sequence[Callable[[bytes], object]], pages: Sequence[bytes]) -> list[float]:
    """The least processor seconds that each of the functions takes for all pages, in turn."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for place, work in enumerate(works):
            started = time.process_time()
            for each in pages:
                work(each)
            best[place] = min(best[place], time.process_time() - started)
    return best


def in_process(given: argparse.Namespace) -> list[Claim]:
    """Extraction beside parsing, in this process."""
    from selectolax.lexbor import LexborHTMLParser

    from phishcli.features.pages.extract import extract

    claims = []
    for kind, limit in LIMITS.items():
        pages = [page(kind, seed) for seed in range(given.pages)]
        parsed, extracted = best_of(given.rounds, (LexborHTMLParser, lambda each: extract(each, URL)), pages)
        size, n = sum(map(len, pages)) / len(pages) / 1000, len(pages)
        tell(
            f"{kind}, {size:.0f} kB: {n / extracted:,.0f} pages a second, {n / parsed:,.0f} where they are only parsed"
        )
        claims.append(Claim(f"features of a page, mostly {kind}", "parsing it", extracted / parsed, limit))
    return claims


def saved(folder: Path, number: int) -> Path:
    """A folder of pages of all kinds."""
    folder.mkdir()
    for seed in range(number):
        (folder / f"{seed:05}.html").write_bytes(page(list(LIMITS)[seed % 3], seed))
    return folder


def as_command(given: argparse.Namespace) -> list[Claim]:
    """The command beside a script that parses the same files."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        few, some, many = (saved(root / name, n) for name, n in (("few", 10), ("some", MANY // 4), ("many", MANY)))

        def cost(*command: str | Path) -> Cost:
            found = [spend(list(map(str, command)), root) for _ in range(given.rounds)]
            return Cost(min(c.cpu for c in found), min(c.wall for c in found), max(c.peak_mb for c in found))

        def command(pages: Path, jobs: int = 1) -> Cost:
            return cost(PHISH, "features", "extract", pages, "-o", "t.parquet", "-q", "-j", str(jobs))

        def bare(pages: Path) -> Cost:
            return cost(PYTHON, "-c", BARE, pages)

        least, quarter, whole, two = command(few), command(some), command(many), command(many, 2)
        parsed = bare(many).cpu - bare(few).cpu
    rates = [f"{MANY / (each.wall - least.wall):,.0f}" for each in (whole, two)]
    tell(f"command: {rates[0]} pages a second, {rates[1]} with -j 2; peak {whole.peak_mb:.0f} MB")
    return [
        Claim("phish features extract, -j 1", "parsing the files", (whole.cpu - least.cpu) / parsed, WHOLE),
        Claim("the same, peak memory", "that of a quarter of the pages", whole.peak_mb / quarter.peak_mb, 1.1),
        Claim("the same with -j 2, time on the clock", "-j 1", two.wall / whole.wall, 0.9),
    ]


def run(given: argparse.Namespace) -> list[Claim]:
    """Measure all."""
    return [*in_process(given), *as_command(given)]


if __name__ == "__main__":
    sys.exit(main(__doc__, run, pages=300, rounds=3))
