"""What is counted and measured, for Prometheus: over all processes of one `serve`, and never about whom.

Each process keeps its numbers in files of a directory that `serve` makes; whichever process is asked adds them up.
Imported by the serving processes alone: the library looks for that directory when it is imported.
"""

from collections.abc import Iterator
from contextlib import suppress

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from kommunalpro.config.connections import database_in_order
from kommunalpro.config.running import is_alive, run_directory
from kommunalpro.fhirserver.faults import DATABASE_ERRORS, Kind
from kommunalpro.fhirserver.rest import Observation
from kommunalpro.fhirserver.sealing import count_waiting

_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)

_requests = Histogram(
    "kommunalpro_fhir_request_seconds",
    "Requests to /fhir, from when they had arrived to when they were answered.",
    ("interaction", "type", "status"),
    buckets=_BUCKETS,
)
_pages = Histogram("kommunalpro_page_seconds", "Requests to pages, as above.", ("status",), buckets=_BUCKETS)
_in_flight = Gauge("kommunalpro_in_flight", "Requests being answered.", multiprocess_mode="livesum")
_rejected = Counter("kommunalpro_rejected_total", "Requests that were not let in.", ("reason",))
_faults = Counter("kommunalpro_database_faults_total", "What the database could not do.", ("kind",))
in_flight = _in_flight.track_inprogress


def observe_fhir(seen: Observation) -> None:
    """Count a request to the FHIR server."""
    _requests.labels(seen.interaction, seen.type, str(seen.status)).observe(seen.seconds)
    if seen.fault:
        _faults.labels(seen.fault).inc()
    if seen.status == 429:
        _rejected.labels("throttled").inc()


def observe_page(status: int, seconds: float, fault: Kind | None) -> None:
    """Count a request to a page, and what the database could not do for it."""
    _pages.labels(str(status)).observe(seconds)
    if fault:
        _faults.labels(fault).inc()


def observe_rejection(reason: str) -> None:
    """Count a request that was not let in."""
    _rejected.labels(reason).inc()


def render() -> bytes:
    """Give all numbers of all processes in Prometheus's own format."""
    registry = CollectorRegistry()
    _forget_the_dead()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Unsealed())
    return generate_latest(registry)


class _Unsealed(Collector):
    """What is counted when somebody asks, once for all processes. Without a database there is nothing to say."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with suppress(*DATABASE_ERRORS), database_in_order():
            meaning = "AuditEvents that are not sealed yet."
            yield GaugeMetricFamily("kommunalpro_audit_unsealed", meaning, value=count_waiting())


def _forget_the_dead() -> None:
    """A process that was killed does not say that its requests are over."""
    for path in run_directory().glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        if not is_alive(pid):
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
