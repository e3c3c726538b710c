"""The monitor's figures for Prometheus, and its health for a load balancer; neither opens the live warehouse."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from math import inf
from pathlib import Path

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest, write_to_textfile
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from extractors.errors import BrinkwatchError
from flows.phrases import duration, moment
from flows.prefect_settings import intervals
from flows.settings import Settings, SettingsError
from flows.steps.liveness import SOONEST, timed
from warehouse import measuring
from warehouse.errors import WarehouseError
from warehouse.publish import LAG
from warehouse.store import Warehouse

PREFIX = "brinkwatch_"
SETTINGS = web.AppKey("settings", Settings)
ONE_AT_A_TIME = web.AppKey("one_at_a_time", asyncio.Lock)
"""Requests wait for each other, so that each opens the latest snapshot, and many cost no more than one."""


@dataclass(frozen=True, slots=True, eq=False)  # a registry keeps it by identity
class WarehouseCollector(Collector):
    """Measures the snapshot whenever it is asked."""

    settings: Settings
    now: datetime

    def collect(self) -> Iterator[Metric]:
        """Yield every metric; WarehouseError when the snapshot cannot be read."""
        measured = measuring.measure(self.settings.warehouse, now=self.now)
        yield from map(_gauge, measured.gauges)
        yield from map(_histogram, measured.histograms)
        yield _intervals(self.settings)


def exposition(settings: Settings, *, now: datetime) -> bytes:
    """Return all metrics in Prometheus's text format."""
    return generate_latest(_registry(settings, now))


def write_metrics(settings: Settings, path: Path, *, now: datetime) -> None:
    """Replace a file of the node exporter's textfile collector at once, so that it never reads half of it."""
    try:
        write_to_textfile(str(path), _registry(settings, now))
    except OSError as error:
        raise MetricsError(f"{path} cannot be written: {error.strerror}") from error


class MetricsError(BrinkwatchError):
    """Metrics that cannot be written or served; the message says where and why."""


def _registry(settings: Settings, now: datetime) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(WarehouseCollector(settings, now))
    return registry


def _gauge(measured: measuring.Metric) -> GaugeMetricFamily:
    labels = [name for name in (measured.rows[0] if measured.rows else ()) if name != "value"]
    family = GaugeMetricFamily(PREFIX + measured.name, measured.help, labels=labels)
    for row in measured.rows:
        family.add_metric([_label(row[name]) for name in labels], row["value"])
    return family


def _label(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _histogram(measured: measuring.Metric) -> HistogramMetricFamily:
    (row,) = measured.rows
    family = HistogramMetricFamily(PREFIX + measured.name, measured.help)
    family.add_metric([], _cumulative(row["counts"] or {}), row["sum"] or 0.0)
    return family


def _cumulative(counts: Mapping[float, int]) -> list[tuple[str, float]]:
    buckets, below = [], 0
    for bound in sorted({*counts, inf}):
        below += counts.get(bound, 0)
        buckets.append((str(bound) if bound < inf else "+Inf", float(below)))
    return buckets


def _intervals(settings: Settings) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        f"{PREFIX}step_interval_seconds", "How often each step should succeed at the latest", labels=["step"]
    )
    for step, interval in expected(settings).items():
        family.add_metric([step], interval.total_seconds())
    return family


def expected(settings: Settings) -> dict[str, timedelta]:
    """Return how often each step should succeed: as the timer starts it, or else as it is deployed."""
    return timed(settings) or _deployed()


_deployed = cache(intervals)  # reading YAML takes as long as all the rest


def troubles(settings: Settings, *, now: datetime) -> list[str]:
    """Return why the monitor should not be relied on: a step is late, or the warehouse cannot be read."""
    try:
        if not Warehouse(settings.warehouse).exists():
            return [f"warehouse {settings.warehouse}: does not exist"]
        known = measuring.successes(settings.warehouse)
    except WarehouseError as error:
        return [str(error)]
    unseen = timedelta(0) if known.whole else LAG
    return [
        f"No {step} has succeeded since {moment(known.latest[step])}; it is due every {duration(interval)}"
        for step, interval in expected(settings).items()
        if step in known.latest and now - known.latest[step] > max(3 * interval, SOONEST) + unseen
    ]


def serve(settings: Settings, address: str) -> None:
    """Answer ``/metrics`` and ``/health`` at ``PORT`` of loopback, or at ``HOST:PORT``, until stopped."""
    host, _, port = address.rpartition(":")
    if not port.isdigit() or int(port) > 65_535:
        raise SettingsError(f"{address}: not a port such as 9464, nor an address such as 127.0.0.1:9464")
    try:
        web.run_app(
            application(settings), host=host.strip("[]") or "127.0.0.1", port=int(port), print=None, access_log=None
        )
    except OSError as error:
        raise MetricsError(f"{address} cannot be listened on: {error.strerror}") from error


def application(settings: Settings) -> web.Application:
    """Return the web application for Prometheus and load balancers."""
    app = web.Application()
    app[SETTINGS], app[ONE_AT_A_TIME] = settings, asyncio.Lock()
    app.router.add_get("/metrics", _metrics)
    app.router.add_get("/health", _health)
    return app


async def _metrics(request: web.Request) -> web.Response:
    """Answer with every metric, or with status 503 and the reason."""
    async with request.app[ONE_AT_A_TIME]:
        try:
            body = await asyncio.to_thread(exposition, request.app[SETTINGS], now=datetime.now(UTC))
        except WarehouseError as error:
            return web.Response(status=503, text=f"{error}\n")
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _health(request: web.Request) -> web.Response:
    """Answer with status 200, or with 503 and the reasons."""
    async with request.app[ONE_AT_A_TIME]:
        reasons = await asyncio.to_thread(troubles, request.app[SETTINGS], now=datetime.now(UTC))
    body = json.dumps({"healthy": not reasons, "reasons": reasons})
    return web.Response(status=503 if reasons else 200, text=f"{body}\n", content_type="application/json")
