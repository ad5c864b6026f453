"""The demo shows something only if it can also fail: it passes on the whole engine, and notices what is missing."""

from __future__ import annotations

import io
import re
import signal

import pytest
from rich.console import Console

from cli.demo_record import Person
from cli.demo_screen import Screen
from cli.ports import Ports
from tests.cli.conftest import Sojourn, flags

WAITING = {"campaign": {"key": "welcome", "name": "Welcome"}, "state": "running", "doing": "Delay of a [day]"}
LEFT = {"campaign": {"key": "cart", "name": "Cart"}, "state": "exited", "doing": None, "exit_reason": "goal"}
SENT = {"state": "sent", "subject": "Welcome, Ada", "block": "welcome", "recipient": "ada@example.com"}


@pytest.mark.timeout(240)  # the examples wait for a minute, in real time
async def test_every_message_of_the_examples_arrives(sojourn: Sojourn, ports: Ports) -> None:
    command = sojourn("demo", "--once", *flags(ports))

    assert 0 == await command.ends(within=230), command.said
    told = re.search(r"(\d+) calls were answered, (\d+) of (\d+) expected messages arrived\.", command.said)
    assert told is not None
    assert told[2] == told[3]
    for sent in ("Happy birthday", "your drawer must be full", "You are on the list", "is on its way"):
        assert sent in command.said


async def test_a_stop_in_the_middle_is_no_success(sojourn: Sojourn, ports: Ports) -> None:
    command = sojourn("demo", "--once", *flags(ports))
    await command.says("Ada · Welcome")

    command.send(signal.SIGINT)

    assert 130 == await command.ends()


def shown(*, terminal: bool, people: list[Person]) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=120)
    with Screen(console) as screen:
        for _ in range(2):
            screen.show(people, "2 messages are still to come.")
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_terminal_shows_who_is_where_and_what_went_out() -> None:
    text = shown(terminal=True, people=[Person(id="ada-1", journeys=[LEFT, WAITING], deliveries=[SENT])])

    for part in ("Ada", "Delay of a [day]", "Cart: left (goal)", "Welcome, Ada", "2 messages are still to come."):
        assert part in text


def test_without_a_terminal_each_thing_is_said_once() -> None:
    text = shown(terminal=False, people=[Person(id="ada-1", journeys=[WAITING], deliveries=[SENT])])

    assert ["Ada · Welcome: Delay of a [day]", "sent to ada@example.com: Welcome, Ada"] == text.splitlines()
