"""What is counted, and that a port offers it for as long as the process wants."""

from __future__ import annotations

import httpx
import pytest

from cli.ports import free_ports
from engine.errors import ConfigurationError
from runtime import metrics
from runtime.settings import Settings
from runtime.telemetry import metrics_offered


def value(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


def test_everything_is_counted_by_its_label() -> None:
    counted = {
        "sojourn_inputs_accepted_total": ({"kind": "event"}, 2),
        "sojourn_inputs_applied_total": ({"kind": "event"}, 2),
        "sojourn_inputs_rejected_total": ({"kind": "event"}, 1),
        "sojourn_entries_total": ({}, 3),
        "sojourn_refusals_total": ({"reason": "stale"}, 1),
        "sojourn_record_errors_total": ({"part": "inputs"}, 1),
        "sojourn_deliveries_total": ({"channel": "email", "outcome": "sent"}, 1),
    }
    before = {name: value(name, **labels) for name, (labels, _) in counted.items()}

    metrics.accepted(["event", "identify", "event"])
    metrics.applied(["event", "event"])
    metrics.rejected("event")
    metrics.entered(3, ["stale"])
    metrics.record_failed("inputs")
    metrics.tried("email", "sent")

    assert {name: times for name, (_, times) in counted.items()} == {
        name: value(name, **labels) - before[name] for name, (labels, _) in counted.items()
    }


async def test_a_port_offers_the_numbers_until_the_process_ends() -> None:
    settings = Settings(database_url="postgresql://", metrics_port=free_ports(1)[0])
    address = f"http://127.0.0.1:{settings.metrics_port}/metrics"
    async with httpx.AsyncClient() as client:
        async with metrics_offered(settings):
            offered = (await client.get(address)).text
        with pytest.raises(httpx.ConnectError):
            await client.get(address)

    assert "sojourn_entries_total" in offered


async def test_a_port_that_is_taken_is_said() -> None:
    settings = Settings(database_url="postgresql://", metrics_port=free_ports(1)[0])
    async with metrics_offered(settings):
        with pytest.raises(ConfigurationError, match=f"port {settings.metrics_port}: Address already in use"):
            async with metrics_offered(settings):
                pass
