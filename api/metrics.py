"""What Prometheus may ask: requests by route and status, how long they took, and what waits in each queue."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from core.errors import ServiceUnavailable
from storage import ledger
from storage.database import Sessions

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The figures of one process and, at each scrape, of the ledger that all processes share."""

    def __init__(self, sessions: Sessions) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "folioscope_http_requests", "Requests answered.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "folioscope_http_request_seconds",
            "Seconds from the first byte of a request to the last of its answer.",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self.under_way = Gauge(
            "folioscope_http_requests_under_way", "Requests being answered.", registry=self._registry
        )
        self._registry.register(_Ledger(sessions))

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)


class _Ledger(Collector):
    """Looks into the ledger when it is asked."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def describe(self) -> Iterable[Metric]:
        """The families, without looking."""
        return [_waiting(), _up()]

    def collect(self) -> Iterator[Metric]:
        """The queues' depths; without them where the database is away, for then the other figures matter most."""
        waiting, up = _waiting(), _up()
        try:
            with self._sessions() as session:
                depths = ledger.depth(session)
        except ServiceUnavailable:
            depths = None
        for queue, depth in (depths or {}).items():
            waiting.add_metric([queue.value], depth)
        up.add_metric([], 0 if depths is None else 1)
        yield from (waiting, up)


def _waiting() -> GaugeMetricFamily:
    return GaugeMetricFamily("folioscope_items_waiting", "Items that wait to be claimed.", labels=["queue"])


def _up() -> GaugeMetricFamily:
    return GaugeMetricFamily("folioscope_database_up", "Whether the database answers.", labels=[])
