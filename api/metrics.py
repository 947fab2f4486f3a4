"""The numbers that Prometheus reads. No label holds a name, an id or a value that somebody asked about."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

REGISTRY: Final = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

# Label values are few whatever clients send: `operation` is query, introspection or none, `outcome` OK or a code.
REQUESTS: Final = Counter(
    "throughline_requests",
    "Questions over HTTP by kind of operation and outcome",
    ("operation", "outcome"),
    registry=REGISTRY,
)
SECONDS: Final = Histogram(
    "throughline_request_seconds",
    "How long questions took, waiting for a turn included",
    ("operation",),
    # From an answer that was planned before (5 ms) to the time limit (30 s).
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=REGISTRY,
)
ANSWERED: Final = Counter(
    "throughline_answers",
    "Valid questions by what answered: compiled plans, graphql-core, or graphql-core for the first time",
    ("by",),
    registry=REGISTRY,
)
STORE_ERRORS: Final = Counter(
    "throughline_store_errors", "Errors of the database by class", ("kind",), registry=REGISTRY
)


# Looking up the labels takes longer than counting; there are few of them.
_counter = lru_cache(maxsize=256)(REQUESTS.labels)
_clock = lru_cache(maxsize=16)(SECONDS.labels)
_answered = lru_cache(maxsize=8)(ANSWERED.labels)


def count_request(operation: str, outcome: str, seconds: float) -> None:
    """Counts one question and how long it took."""
    _counter(operation, outcome).inc()
    _clock(operation).observe(seconds)


def count_answer(by: str) -> None:
    """Counts one valid question under what answered it."""
    _answered(by).inc()


class Running(Protocol):
    """How many requests are answered now, and how many wait."""

    running: int
    waiting: int


class Counting(Protocol):
    """How many statements were sent to the database."""

    statements_run: int


class Now:
    """What one server reads off its own parts when it is asked."""

    def __init__(self, turns: Running, store: Counting) -> None:
        self._turns, self._store = turns, store

    def collect(self) -> Iterable[Metric]:
        """The numbers of this moment."""
        yield GaugeMetricFamily(
            "throughline_requests_running", "Questions that are answered now", self._turns.running
        )
        yield GaugeMetricFamily(
            "throughline_requests_waiting", "Questions that wait for their turn", self._turns.waiting
        )
        yield CounterMetricFamily(
            "throughline_statements", "Statements sent to the database", self._store.statements_run
        )


def write_metrics(now: Now) -> bytes:
    """All numbers as text that Prometheus reads."""
    own = CollectorRegistry()
    own.register(now)
    return generate_latest(REGISTRY) + generate_latest(own)
