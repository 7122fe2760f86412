"""Labels that mean the opposite of what the names of the columns suggest."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.measure import auc, beyond_chance, holds_codes
from phishcli.wording import bounded

HIGHER_ON_PHISHING = re.compile(
    r"having_?ip|has_?ip|use_?ip|is_?domain_?ip|ip_?in_?(url|host)|url_?len|length_?(of_?)?url|at_?symbol|having_?at|"
    r"obfuscat|(no|num|nb|n|qty)_?(of_?)?dots?(_?(in_?)?url)?$|prefix_?suffix|shorten|tiny_?url|phish_?hints|punycode",
    flags=re.IGNORECASE,
)
HIGHER_ON_LEGITIMATE = re.compile(
    r"line_?s?_?of_?code|(no|num|nb|n)_?(of_?)?(images?|self_?refs?|external_?refs?|css|js|hyperlinks?)$|"
    r"(age_?of_?domain|domain_?age)|registration_?len|page_?rank|"
    r"^(has|is)_?(title|fav_?icon|description|copyright(_?info)?|social_?net|responsive|https)$|^https$|"
    r"url_?similarity|ssl_?final",
    flags=re.IGNORECASE,
)
"""What has been published about such columns: Mohammad, Thabtah and McCluskey (2012, ICITST, 492-497) for addresses and
domains; Prasad and Chandra (2024, Computers & Security 136, 103545) for the content of pages. Columns
are left out that depend on how addresses were collected (hyphens, popups) or rank the other way round (traffic)."""

FAR = 0.05
"""A column has a direction if its AUC is further from one half."""
LEAST = 3
"""Columns with a direction that are needed."""
MAJORITY = 0.75
SHOWN = 6


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding for the table."""
    against, along = _votes(evidence)
    if len(against) + len(along) >= LEAST and len(against) >= MAJORITY * (len(against) + len(along)):
        label = evidence.schema.positive_label
        yield Observation(
            f"{len(against):,} of {len(against) + len(along):,} columns with a known meaning contradict the labels: "
            f"rows of the positive class, {label!r}, look legitimate in {bounded(against, SHOWN)}.",
            numbers={"against": against, "along": along},
        )


def _votes(evidence: Evidence) -> tuple[list[str], list[str]]:
    against: list[str] = []
    along: list[str] = []
    for name, higher in _known(evidence):
        values = evidence.sample[name].to_numpy(dtype=np.float64, na_value=np.nan)
        there = ~np.isnan(values)
        positive = evidence.sampled_positive[there]
        area = auc(values[there], positive)
        if beyond_chance(area, positive, far=FAR):
            (along if (area > 0.5) == higher else against).append(name)  # noqa: PLR2004 (one half)
    return against, along


def _known(evidence: Evidence) -> Iterator[tuple[str, bool]]:
    """Columns with a known meaning, without those coded -1, 0, 1, since codes may go either way."""
    for name in evidence.numeric():
        higher, lower = HIGHER_ON_PHISHING.search(name), HIGHER_ON_LEGITIMATE.search(name)
        if bool(higher) != bool(lower) and not holds_codes(evidence.column(name)):
            yield name, bool(higher)


CHECK = Check(
    title="The labels may mean the opposite",
    severity="warning",
    scope="table",
    explanation="In some tables 1 means phishing and in others legitimate. Phishing pages are known to have few lines "
    "of code, young domains, and long addresses with an IP number. Reported if at least three quarters of three or "
    "more such columns (recognized by their names) contradict the labels.",
    advice="Look at a few rows of each label; if the labels are swapped, name the other one with --positive-label.",
    function=observe,
    applies=lambda evidence: sum(1 for _ in _known(evidence)) >= LEAST,
)
