"""Any process may die at any moment: nothing accepted is lost, nobody gets a message twice, the unknown is shown."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes

import pytest

from activities.sending import AT_ONCE
from tests.faults.account import begin, broken_promises, reached
from tests.faults.burst import Burst
from tests.faults.mail_line import SlowSmtp
from tests.faults.stack import RunningStack

PEOPLE = 300
RATE = 50.0
"""Events a second: about what one machine carries, so that every process has work when one of them dies."""

pytestmark = pytest.mark.timeout(150)


@pytest.mark.spec("1.07", "1.40", "9.10")
@pytest.mark.parametrize("name", ["worker", "intake", "api", "temporal", "postgres"])
async def test_a_process_killed_twice_during_a_burst_loses_and_repeats_nothing(
    stack: RunningStack, name: str, record_property: Callable[[str, object], None]
) -> None:
    burst = Burst(stack.port, f"kill-{name}", PEOPLE)
    performing = await begin(stack, burst, rate=RATE)

    await reached(75, lambda: burst.accepted, "events accepted")
    await stack.kill(name)
    await reached(150, lambda: burst.accepted, "events accepted")
    await reached(100, lambda: len(stack.caught(burst.domain)), "mails caught")
    await stack.kill(name)
    await performing
    took = await stack.settled()

    assert {} == await broken_promises(stack, burst)
    unknown = await stack.unknown(burst.name)
    record_property("requests sent again", burst.repeats)
    record_property("unknown outcomes", len(unknown))
    record_property("seconds until settled", round(took, 1))
    for number, delivery in enumerate(unknown):
        await stack.settle(delivery, ("resend", "drop")[number % 2])


# The worst moment to die is between hand-over and record. Here it is made to happen.


async def handed_over(stack: RunningStack, server: SlowSmtp, burst: Burst) -> dict[str, str]:
    """Let a burst happen whose messages the server takes without an answer; return who got which Message-ID."""
    await burst.identify()
    await burst.perform()
    await reached(AT_ONCE, lambda: len(server.contents), "messages arrive")
    return received(server.contents)


def received(contents: list[bytes]) -> dict[str, str]:
    mails = [message_from_bytes(content) for content in contents]
    return {mail["To"]: mail["Message-ID"] for mail in mails}


@pytest.mark.spec("6.06", "9.10")
async def test_a_message_that_a_crash_cut_off_is_held_and_listed_until_an_operator_settles_it(
    stack: RunningStack,
) -> None:
    burst = Burst(stack.port, "held", AT_ONCE + 4)
    await stack.start_campaign(burst.name)

    async with SlowSmtp() as server, stack.line.to(server.port):
        first = await handed_over(stack, server, burst)
        await stack.kill("worker")
    await stack.settled()

    assert {} == await broken_promises(stack, burst)
    unknown = await stack.unknown(burst.name)
    assert set(first) == {delivery["recipient"] for delivery in unknown}
    later = {mail.recipients[0] for mail in stack.caught(burst.domain)}
    assert {burst.address(person) for person in burst.people} == set(first) | later

    async with SlowSmtp() as server, stack.line.to(server.port):  # the copy that the operator asks for is cut off too
        await stack.ask(unknown[0], "resend")
        await reached(1, lambda: len(server.contents), "copies arrive")
        second = received(server.contents)
        await stack.kill("worker")
    await stack.delivered(unknown[0]["person"]["id"], "unknown")
    await stack.settle(unknown[0], "resend")
    await stack.settle(unknown[1], "resend")
    await stack.settle(unknown[2], "drop")

    again = {mail.recipients[0]: mail.headers["Message-ID"] for mail in stack.caught(burst.domain)}
    resent = [unknown[0]["recipient"], unknown[1]["recipient"]]
    assert {address: first[address] for address in resent[:1]} == second
    assert {address: first[address] for address in resent} == {a: again[a] for a in again.keys() - later}


@pytest.mark.spec("6.06", "9.10")
async def test_a_message_that_a_crash_cut_off_goes_out_again_if_the_campaign_prefers_a_copy_to_a_gap(
    stack: RunningStack,
) -> None:
    burst = Burst(stack.port, "resent", AT_ONCE)
    await stack.start_campaign(burst.name, unknown_outcome="resend")

    async with SlowSmtp() as server, stack.line.to(server.port):
        first = await handed_over(stack, server, burst)
        await stack.kill("worker")
    await stack.settled()

    assert {} == await broken_promises(stack, burst)
    assert [] == await stack.unknown(burst.name)
    assert first == {mail.recipients[0]: mail.headers["Message-ID"] for mail in stack.caught(burst.domain)}
