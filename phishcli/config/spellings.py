"""What the program prints is what it accepts: names, rules, shares and times as they are shown, turned into values."""

from __future__ import annotations

import re
from typing import Any

_METRICS = {"brier_score": "brier", "calibration_error": "ece"}
_TPR_AT = re.compile(r"(?:tpr|recall)_at_([\d.]+)%_(?:fpr|false_positive_rate)")
_RULE = re.compile(r"\s*(\w+)\s*=\s*([^,\s]+)\s*(?:,|$)")
_DURATION = re.compile(
    r"(?:(\d+)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?\s*(?:(\d+(?:\.\d+)?)\s*s?)?",
)
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", flags=re.IGNORECASE)
_LATENCY = re.compile(r"(\d+(?:\.\d+)?)\s*(us|µs|μs|ms|s)?")
_EXPONENTS = {"us": -6, "µs": -6, "μs": -6, "ms": -3, "s": 0}
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def metric(value: Any) -> Any:
    """Turn the label of a metric into its name: ``ROC-AUC`` is ``roc_auc``, ``TPR at 1% FPR`` is ``tpr@fpr=0.01``."""
    if not isinstance(value, str):
        return value
    plain = re.sub(r"[\s_-]+", "_", value.strip().casefold())
    if found := _TPR_AT.fullmatch(plain):
        return f"tpr@fpr={float(found[1]) / 100:g}"
    return _METRICS.get(plain, plain)


def rule(value: Any) -> Any:
    """Turn a rule for the threshold, such as ``max_fpr=0.01, confidence=0.9``, into the mapping that it stands for."""
    if not isinstance(value, str) or "=" not in value:
        return value
    parts = _RULE.findall(value)
    if "".join(_RULE.sub("", value).split()):
        return value
    return {name: share(text) for name, text in parts}


def share(value: Any) -> Any:
    """Turn ``0.1%`` into the number it is."""
    if isinstance(value, str) and (found := re.fullmatch(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*%\s*", value)):
        return float(f"{found[1]}e-2")
    return value


def number(value: Any) -> Any:
    """Turn ``200,000`` into the number it is."""
    return value.replace(",", "") if isinstance(value, str) and _GROUPED.fullmatch(value.strip()) else value


def daily(value: Any) -> Any:
    """Turn ``200/day`` or ``1,000 a day`` into the number it is."""
    if isinstance(value, str):
        value = re.sub(r"\s*(?:/\s*|a\s+|per\s+)(?:day|d)\s*$", "", value)
    return number(value)


def latency(value: Any) -> Any:
    """Turn ``100us``, ``1.5 ms`` or ``0.1s`` into seconds; numbers are seconds.

    Raises
    ------
    ValueError
        For any other text.
    """
    if not isinstance(value, str):
        return value
    found = _matched(_LATENCY, value.strip(), "a time such as 100us, 2ms or 0.1s")
    return float(f"{found[1]}e{_EXPONENTS[found[2] or 's']}")


def seconds(value: Any) -> Any:
    """Turn ``90s``, ``2m``, ``1h30m`` or ``3 min 05 s`` into seconds; numbers are seconds.

    Raises
    ------
    ValueError
        For any other text.
    """
    if not isinstance(value, str):
        return value
    found = _matched(_DURATION, value.strip(), "a time such as 90s, 2m or 1h30m")
    hours, minutes, rest = (float(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + rest


def size(value: Any) -> Any:
    """Turn ``4GB``, ``512 MB`` or ``1.5GiB`` into bytes; numbers are bytes.

    Raises
    ------
    ValueError
        For any other text.
    """
    if not isinstance(value, str):
        return value
    found = _matched(_SIZE, value.replace(",", ""), "a size such as 4GB, 512MB or 1.5GiB")
    unit = 1024 if found[3] else 1000
    return round(float(found[1]) * unit ** " kmgt".index(found[2].lower() or " "))


def _matched(form: re.Pattern[str], text: str, wanted: str) -> re.Match[str]:
    """Find the parts of a text, of which at least one has to be there."""
    found = form.fullmatch(text)
    if not found or not any(found.groups()):
        raise ValueError(f"should be {wanted}")
    return found
