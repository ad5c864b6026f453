"""The same thing said many times at once, to several processes: it happens once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from cli.ports import free_ports
from tests.faults.account import broken_promises
from tests.faults.burst import Burst, Client, event
from tests.faults.stack import RunningStack

CONNECTIONS = 16

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
async def clients(stack: RunningStack) -> AsyncIterator[list[Client]]:
    """Connections to two API processes, behind which two intakes work."""
    port = free_ports(1)[0]
    async with AsyncExitStack() as opened:
        await opened.enter_async_context(stack.another("api", port=str(port)))
        await opened.enter_async_context(stack.another("intake"))
        ports = [stack.port, port] * (CONNECTIONS // 2)
        yield [await opened.enter_async_context(Client(port)) for port in ports]


@pytest.mark.spec("1.07", "1.40")
async def test_an_event_sent_by_many_connections_at_once_counts_once(
    stack: RunningStack, clients: list[Client]
) -> None:
    burst = Burst(stack.port, "same", 20)
    await stack.start_campaign(burst.name)
    await burst.identify()

    for person in burst.people:
        request = event(person, burst.name, f"01M84FDBNTVD5BGFXG9X-{person}")
        await asyncio.gather(*(client.send(request) for client in clients))
    await stack.settled()

    assert {} == await broken_promises(stack, burst)
    assert [] == await stack.all(f"campaigns/{burst.name}/refusals")


@pytest.mark.spec("1.07", "2.21", "2.25")
async def test_different_events_at_once_begin_one_journey_where_once_is_all(
    stack: RunningStack, clients: list[Client]
) -> None:
    burst = Burst(stack.port, "once", 20)
    await stack.start_campaign(burst.name, frequency="once")
    await burst.identify()

    for person in burst.people:
        requests = [event(person, burst.name, f"{person}-{number}") for number in range(CONNECTIONS)]
        await asyncio.gather(*(client.send(request) for client, request in zip(clients, requests, strict=True)))
    await stack.settled()

    assert {} == await broken_promises(stack, burst)
    assert burst.size * (CONNECTIONS - 1) == len(await stack.all(f"campaigns/{burst.name}/refusals"))
