"""What Prometheus reads: names with one prefix, base units, and no label that a client could make up."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from phishcli.serving.served import Prediction, Served

SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SCORES = tuple(round(0.05 * step, 2) for step in range(1, 21))
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""The folder in which several workers put their numbers together."""


class Metrics:
    """The numbers of one process; several workers share a folder."""

    def __init__(self) -> None:
        self._children: dict[tuple[object, ...], Any] = {}
        self._known: list[tuple[str, str, str]] = []
        self.registry = own = CollectorRegistry()
        self.requests = Counter("phish_requests", "Requests answered.", ["endpoint", "code"], registry=own)
        self.seconds = Histogram(
            "phish_request_duration_seconds", "Time to answer.", ["endpoint"], buckets=SECONDS, registry=own
        )
        self.in_progress = Gauge(
            "phish_requests_in_progress", "Requests in progress.", registry=own, multiprocess_mode="livesum"
        )
        self.errors = Counter("phish_errors", "Requests refused or failed, by kind.", ["kind"], registry=own)
        self.verdicts = Counter("phish_verdicts", "Rows judged.", ["verdict", "tier"], registry=own)
        self.score = Histogram(
            "phish_score", "Probability of the positive class.", ["tier"], buckets=SCORES, registry=own
        )
        self.missing = Counter("phish_missing_values", "Values that were missing.", ["column"], registry=own)
        self.unseen = Counter("phish_unseen_categories", "Categories not seen in training.", ["column"], registry=own)
        self.failed_open = Counter("phish_failed_open", "Answers without a score, after a deadline.", registry=own)
        self.disagreements = Counter(
            "phish_shadow_disagreements", "Rows on which the shadow release gave another verdict.", registry=own
        )
        self.reloads = Counter("phish_reloads", "Releases opened while running.", ["result"], registry=own)
        self.feedback = Counter("phish_labels", "Labels received as feedback.", registry=own)
        self.last_label = Gauge(
            "phish_last_label_timestamp_seconds", "Time of the last label.", registry=own, multiprocess_mode="max"
        )
        self.log_dropped = Counter("phish_log_dropped_rows", "Rows dropped because the log was full.", registry=own)
        self.info = Gauge(
            "phish_model_info",
            "The releases being served.",
            ["bundle_sha256", "version", "alias"],
            registry=own,
            multiprocess_mode="livemax",
        )

    def serves(self, releases: Iterable[Served]) -> None:
        """Say which releases are at work; others are no longer."""
        if MULTIPROCESS in os.environ:
            for labels in self._known:
                self.info.labels(*labels).set(0)
        else:
            self.info.clear()
        self._known = [(each.sha256, each.version, each.alias) for each in releases]
        for labels in self._known:
            self.info.labels(*labels).set(1)

    def judged(self, predictions: Iterable[Prediction], tier: str) -> None:
        """Count the answers about some rows."""
        scores: Histogram = self._child(self.score, tier)
        for each in predictions:
            self._child(self.verdicts, each.verdict, tier).inc()
            if each.probability is not None:
                scores.observe(each.probability)
            for column in each.missing:
                self.missing.labels(column).inc()
            for column in each.unseen:
                self.unseen.labels(column).inc()

    def answered(self, endpoint: str, code: int, seconds: float) -> None:
        """Count an answer."""
        self._child(self.requests, endpoint, code).inc()
        self._child(self.seconds, endpoint).observe(seconds)

    def _child(self, metric: Counter | Histogram, *labels: object) -> Any:
        """Give the number with these labels; looking one up costs more than counting."""
        key = (metric, *labels)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = metric.labels(*labels)
        return child

    def labelled(self, number: int) -> None:
        """Count labels of feedback."""
        self.feedback.inc(number)
        self.last_label.set(time.time())

    def close(self) -> None:
        """Take this worker out of what is counted as alive."""
        if MULTIPROCESS in os.environ:
            multiprocess.mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]  # it has no types

    def text(self) -> tuple[bytes, str]:
        """The numbers of all workers, and their media type."""
        registry = self.registry
        if MULTIPROCESS in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has no types
        return generate_latest(registry), CONTENT_TYPE_LATEST
