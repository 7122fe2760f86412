"""Whether the labels mean the opposite of what the names of the columns suggest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.measure import auc, standard_error

if TYPE_CHECKING:
    import pandas as pd

HIGHER_ON_PHISHING = re.compile(
    r"having_?ip|has_?ip|use_?ip|is_?domain_?ip|ip_?in_?(url|host)|url_?len|length_?of_?url|len(gth)?_?url|at_?symbol|"
    r"having_?at|obfuscat|(no|num|nb|n|qty)_?(of_?)?(dots?|hyphens?|dash(es)?|popups?|url_?redirects?)(_?(in_?)?url)?$|"
    r"prefix_?suffix|shorten|tiny_?url|phish_?hints|suspicious|punycode",
    flags=re.IGNORECASE,
)
HIGHER_ON_LEGITIMATE = re.compile(
    r"line_?s?_?of_?code|(no|num|nb|n)_?(of_?)?(images?|self_?refs?|external_?refs?|css|js|hyperlinks?)$|"
    r"(age_?of_?domain|domain_?age)|registration_?len|page_?rank|web_?traffic|"
    r"^(has|is)_?(title|fav_?icon|description|copyright(_?info)?|social_?net|responsive|https)$|^https$|"
    r"url_?similarity|ssl_?final",
    flags=re.IGNORECASE,
)
"""What has been published of such columns: Mohammad, Thabtah and McCluskey (2012, ICITST, 492-497) for addresses,
domains and redirects; Prasad and Chandra (2024, Computers & Security 136, 103545) for the content of pages."""

CLEAR, FAR = 5, 0.05
"""Standard errors, and distance of the AUC from one half, from which a column has a direction."""
LEAST = 3
"""Columns with a direction that it takes."""
MAJORITY = 0.75


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the table."""
    against, along = _votes(evidence)
    if len(against) + len(along) >= LEAST and len(against) >= MAJORITY * (len(against) + len(along)):
        label = evidence.schema.positive_label
        yield Found(
            f"{len(against)} of {len(against) + len(along)} columns with a known meaning point the other way: "
            f"{', '.join(against[:6])} are as on legitimate rows where the label is {label!r}, the positive class.",
            numbers={"against": against, "along": along},
        )


def _votes(evidence: Evidence) -> tuple[list[str], list[str]]:
    positive = evidence.positive[evidence.sampled]
    n_positive = int(positive.sum())
    clear = max(FAR, CLEAR * standard_error(n_positive, len(positive) - n_positive))
    against, along = [], []
    for name, higher in _known(evidence):
        values = evidence.features[name].iloc[evidence.sampled].to_numpy(dtype=np.float64, na_value=np.nan)
        there = ~np.isnan(values)
        lean = auc(values[there], positive[there]) - 0.5
        if abs(lean) > clear:
            (along if (lean > 0) == higher else against).append(name)
    return against, along


def _known(evidence: Evidence) -> Iterator[tuple[str, bool]]:
    """Columns with a known meaning; those coded -1, 0, 1 are not, since codes may go either way."""
    for name in evidence.numeric():
        higher, lower = HIGHER_ON_PHISHING.search(name), HIGHER_ON_LEGITIMATE.search(name)
        if bool(higher) != bool(lower) and not _coded(evidence.features[name]):
            yield name, bool(higher)


def _coded(values: pd.Series[Any]) -> bool:
    """Whether a column holds -1, 0 and 1, or two of them with -1 among them."""
    found = set(values.iloc[:1000].dropna())
    return -1 in found and found <= {-1, 0, 1}


CHECK = Check(
    title="The labels may mean the opposite",
    severity="warning",
    of="table",
    explanation="In some tables 1 means phishing and in others legitimate. Much is known of what phishing pages are "
    "like: few lines of code, young domains, long addresses with an IP number. Fires where at least three quarters of "
    "three or more such columns (known by their names) point the other way.",
    advice="Look at a few rows of each label; if they are exchanged, give the other one with --positive-label.",
    function=look,
    applies=lambda evidence: sum(1 for _ in _known(evidence)) >= LEAST,
)
