"""What a process tells about itself in numbers: the Temporal SDK's own metrics, offered to Prometheus."""

from __future__ import annotations

from functools import lru_cache

from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from runtime.settings import Settings


def temporal_runtime(settings: Settings) -> Runtime | None:
    """Return the SDK runtime that serves `/metrics` on the port of the settings; None when none is asked for."""
    if settings.metrics_port is None:
        return None
    return _runtime(f"{settings.host}:{settings.metrics_port}")


@lru_cache
def _runtime(address: str) -> Runtime:
    """One per process and address: a second runtime could not bind the port."""
    prometheus = PrometheusConfig(
        bind_address=address, durations_as_seconds=True, counters_total_suffix=True, unit_suffix=True
    )
    return Runtime(telemetry=TelemetryConfig(metrics=prometheus))
