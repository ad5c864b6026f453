"""The numbers of a process: offered where the settings say, and by nobody else's leave."""

from __future__ import annotations

import httpx
from temporalio.testing import WorkflowEnvironment

from cli.ports import free_ports
from runtime.settings import Settings
from runtime.telemetry import temporal_runtime
from runtime.temporal import connect


async def test_prometheus_finds_the_clients_metrics_on_the_port(temporal: WorkflowEnvironment) -> None:
    settings = Settings(
        database_url="postgresql://",
        temporal_address=temporal.client.service_client.config.target_host,
        temporal_metrics_port=free_ports(1)[0],
    )

    client = await connect(settings)
    await client.count_workflows()
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{settings.temporal_metrics_port}/metrics")

    assert "temporal_request_total" in answer.text


def test_no_port_opens_none() -> None:
    assert temporal_runtime(Settings(database_url="postgresql://")) is None
