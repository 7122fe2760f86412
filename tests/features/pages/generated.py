"""Pages of two classes from a seeded generator."""

from __future__ import annotations

import random
from pathlib import Path

HEAD = "<!doctype html><html><head><title>{title}</title>{meta}<link rel='icon' href='{icon}'></head><body>\n"


def page(bad: bool, rng: random.Random) -> tuple[str, str]:
    """An address and its page; bad ones ask for a password and send it elsewhere, mostly."""
    own = f"https://{'login-' if bad and rng.random() < 0.5 else ''}site{rng.randrange(10_000)}.example.com"
    odd = rng.random() < 0.15
    asks = bad != odd
    meta = (
        "<meta name=viewport content=x><meta name=robots content=all>" if rng.random() < (0.3 if bad else 0.8) else ""
    )
    icon = "https://brand.example.net/i.ico" if asks and rng.random() < 0.6 else "/i.ico"
    lines = [HEAD.format(title="Sign in" if asks else "Our garden", meta=meta, icon=icon)]
    for number in range(rng.randrange(3, 40) if bad else rng.randrange(10, 60)):
        place = "#" if rng.random() < (0.5 if bad else 0.1) else f"/page{number}"
        lines.append(f"<p>text {number} <a href='{place}'>more</a><img src='p{number}.png'></p>")
    if asks:
        lines.append("<form action='https://collect.example.org/x'><input type=password><input type=hidden></form>")
    return f"{own}/index.html", "\n".join([*lines, "</body></html>"])


def write_pages(folder: Path, n: int = 200, seed: int = 0) -> list[tuple[str, str, int]]:
    """Write pages; gives the name, the address and the class of each."""
    rng, rows = random.Random(seed), []
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(n):
        bad = rng.random() < 0.5
        url, html = page(bad, rng)
        (folder / f"{number:04d}.html").write_text(html)
        rows.append((f"{number:04d}.html", url, int(bad)))
    return rows
