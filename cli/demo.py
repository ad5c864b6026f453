"""`sojourn demo`: everything on this machine and a made-up day of business in it, shown live.

With `--once` it is a test of the whole: it works out from what it told which messages must arrive, waits until exactly
those lie in the mail catcher, and says by its exit code whether they do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import aclosing, suppress
from datetime import date
from functools import partial
from typing import Annotated, Final

import httpx
import typer

from cli import demo_examples
from cli.console import ERR, OUT
from cli.demo_expectation import Message, expected
from cli.demo_record import Person, Record
from cli.demo_screen import Screen
from cli.demo_story import PACE, Teller, Told, story
from cli.dev import (
    Data,
    MailPort,
    MailWebPort,
    Port,
    PostgresPort,
    Reset,
    TemporalPort,
    TemporalUiPort,
    addresses,
    run,
)
from cli.folder import DEFAULT, DataFolder
from cli.ports import Ports
from cli.stack import Stack
from engine.errors import SojournError
from runtime.shutdown import INTERRUPTED, unless

_PATIENCE: Final = 150.0
"""Seconds from the last call until every message must have arrived; the longest delay of the examples is one minute."""

_LOOK: Final = 1.0  # seconds between two looks at the record


def demo(
    data: Data = DEFAULT,
    *,
    once: Annotated[bool, typer.Option("--once", help="Wait for every expected message, sum up, and exit.")] = False,
    reset: Reset = False,
    port: Port = Ports.port,
    temporal_port: TemporalPort = Ports.temporal_port,
    temporal_ui_port: TemporalUiPort = Ports.temporal_ui_port,
    mail_port: MailPort = Ports.mail_port,
    mail_web_port: MailWebPort = Ports.mail_web_port,
    postgres_port: PostgresPort = Ports.postgres_port,
) -> None:
    """Start everything, play a made-up day of business through it, and show who is where."""
    ports = Ports(
        port=port,
        temporal_port=temporal_port,
        temporal_ui_port=temporal_ui_port,
        mail_port=mail_port,
        mail_web_port=mail_web_port,
        postgres_port=postgres_port,
    )
    raise typer.Exit(run(DataFolder(data), ports, partial(_play, once=once), reset=reset))


async def _play(stack: Stack, stop: asyncio.Event, *, once: bool) -> int:
    keeping = asyncio.create_task(stack.keep())
    demonstration = _Demonstration(stack, once=once)
    try:
        if not await unless(stop, demonstration.run()):
            return INTERRUPTED if once else 0
    except httpx.HTTPError as error:
        raise SojournError(
            f"The API did not take what it should have: {error!r}. See {stack.folder.log('api')}."
        ) from error
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await demonstration.close()
    return demonstration.sum_up()


class _Demonstration:
    """One day of business: told, watched, and compared with what had to come of it."""

    def __init__(self, stack: Stack, *, once: bool) -> None:
        self._stack = stack
        self._once = once
        self._run = f"{time.time_ns() // 1_000_000_000:x}"[-6:]
        self._today = date.min  # until the examples say when dates come round
        self._told: list[Told] = []
        self._people: list[Person] = []
        self._record = Record(stack.api_url, stack.mails)
        self._all_told = False

    async def run(self) -> None:
        """Tell the day and show it; with `once` return when every message has arrived or it is too late."""
        running = await demo_examples.apply(self._stack.api_url)
        self._today = running.dates_at.date()
        OUT.print(addresses(self._stack))
        OUT.print(
            f"Birthdays are greeted at {running.dates_at:%H:%M} ({running.dates_at.tzinfo}) today, for you to see."
        )
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._tell(running.webhooks))
                group.create_task(self._watch())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def close(self) -> None:
        """Close the connections."""
        await self._record.close()

    def sum_up(self) -> int:
        """Say what arrived and what did not; return the exit code."""
        wanted, arrived = expected(self._told, self._today), self._record.arrived(self._people)
        problems = [f"{_about(one)} did not arrive. {self._reason(one)}" for one in sorted(wanted - arrived.keys())]
        problems += [f"{_about(one)} arrived, and should not have." for one in sorted(arrived.keys() - wanted)]
        problems += [f"{_about(one)} arrived {count} times." for one, count in sorted(arrived.items()) if count > 1]
        OUT.print(f"{len(self._told)} calls were answered, {len(arrived)} of {len(wanted)} expected messages arrived.")
        for problem in problems:
            ERR.print(f"✗ {problem}", style="red", markup=False)
        return 1 if problems else 0

    async def _tell(self, webhooks: Mapping[str, str | None]) -> None:
        async with aclosing(Teller(self._stack.api_url, webhooks)) as teller:
            for told in story(self._run, self._today):
                await teller.tell(told)
                self._told.append(told)
                await asyncio.sleep(PACE)
        self._all_told = True

    async def _watch(self) -> None:
        too_late = float("inf")
        with Screen(ERR) as screen:
            while True:
                with suppress(httpx.HTTPError):  # what is away comes back, and then the next look shows it
                    self._people = await self._record.people(dict.fromkeys(told.person for told in self._told))
                missing = expected(self._told, self._today) - self._record.arrived(self._people).keys()
                screen.show(self._people, self._status(missing))
                if self._all_told:
                    too_late = min(too_late, time.monotonic() + _PATIENCE)
                    if self._once and (not missing or time.monotonic() > too_late):
                        return
                await asyncio.sleep(_LOOK)

    def _status(self, missing: set[Message]) -> str:
        if not self._all_told:
            return f"{len(self._told)} calls made so far …"
        if missing:
            return f"Everything is told; {len(missing)} messages are still to come."
        return "Every message has arrived."

    def _reason(self, message: Message) -> str:
        """Say what the record knows about a message that is missing."""
        for person in self._people:
            for delivery in person.deliveries:
                if (person.id, delivery["campaign"]["key"], delivery["block"]) == (
                    message.person,
                    message.campaign,
                    message.block,
                ):
                    return f"Its delivery is {delivery['state']}: {delivery['failure'] or 'no failure is noted'}."
            for journey in person.journeys:
                if (person.id, journey["campaign"]["key"]) == (message.person, message.campaign):
                    return f"The journey is {journey['state']}: {journey['doing'] or journey['exit_reason']}."
        return "No journey began; `sojourn doctor` and the logs may say why."


def _about(message: Message) -> str:
    return f"The message {message.campaign}/{message.block} to {message.address}"
