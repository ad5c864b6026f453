"""Where a process offers its numbers to Prometheus: ours on one port, those of the Temporal SDK on another.

The SDK serves its own from native code and shares neither address nor registry.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache

from prometheus_client import start_http_server
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from engine.errors import ConfigurationError
from runtime.metrics import REGISTRY
from runtime.settings import Settings


@asynccontextmanager
async def metrics_offered(settings: Settings) -> AsyncIterator[None]:
    """Serve our own numbers under `/metrics` on the port of the settings; nothing when none is asked for.

    Raises ConfigurationError when the port is taken.
    """
    if settings.metrics_port is None:
        yield
        return
    try:
        server, thread = start_http_server(settings.metrics_port, settings.host, REGISTRY)
    except OSError as error:
        place = f"{settings.host}, port {settings.metrics_port}"
        raise ConfigurationError(
            f"Cannot offer metrics on {place}: {error.strerror}. Choose another SOJOURN_METRICS_PORT for this process."
        ) from None
    try:
        yield
    finally:
        await asyncio.to_thread(server.shutdown)
        thread.join()
        server.server_close()


def temporal_runtime(settings: Settings) -> Runtime | None:
    """Return the SDK runtime that serves its numbers on the port of the settings; None when none is asked for."""
    if settings.temporal_metrics_port is None:
        return None
    return _runtime(f"{settings.host}:{settings.temporal_metrics_port}")


@lru_cache
def _runtime(address: str) -> Runtime:
    """One per process and address: a second runtime could not bind the port."""
    prometheus = PrometheusConfig(
        bind_address=address, durations_as_seconds=True, counters_total_suffix=True, unit_suffix=True
    )
    return Runtime(telemetry=TelemetryConfig(metrics=prometheus))
