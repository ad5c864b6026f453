"""What became of each try to send a message is counted."""

from __future__ import annotations

import pytest
from temporalio.exceptions import ApplicationError

from channels.channel import OutcomeUnknown, Refused, TryLater
from engine.moves import ResendStart
from runtime.metrics import REGISTRY
from tests.activities.passage import Passage, email


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("sojourn_deliveries_total", {"channel": "email", "outcome": outcome}) or 0.0


async def _due(passage: Passage) -> int:
    await passage.campaign(email())
    await passage.identify()
    return await passage.event()


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [(None, "sent"), (Refused("no such mailbox"), "failed"), (OutcomeUnknown("the line was cut"), "unknown")],
)
async def test_a_message_is_counted_once_by_what_became_of_it(
    passage: Passage, failure: Refused | OutcomeUnknown | None, outcome: str
) -> None:
    journey, before = await _due(passage), counted(outcome)
    passage.mailbox.failures = [failure] if failure else []
    await passage.ask(passage.send, journey, block="hello")
    assert before + 1 == counted(outcome)


async def test_each_try_that_was_put_off_is_counted(passage: Passage) -> None:
    journey, before = await _due(passage), counted("attempted")
    passage.mailbox.failures = [TryLater("busy"), TryLater("busy")]
    for _ in range(2):
        with pytest.raises(ApplicationError):
            await passage.ask(passage.send, journey, block="hello")
    assert before + 2 == counted("attempted")


async def test_a_message_to_a_suppressed_address_is_counted(passage: Passage) -> None:
    journey, before = await _due(passage), counted("suppressed")
    await passage.suppress("ada@example.com")
    await passage.ask(passage.send, journey, block="hello")
    assert before + 1 == counted("suppressed")


async def test_a_message_that_a_crash_left_behind_is_counted_as_unknown(passage: Passage) -> None:
    journey, before = await _due(passage), counted("unknown")
    passage.mailbox.failures = [TryLater("busy")]
    with pytest.raises(ApplicationError):
        await passage.ask(passage.send, journey, block="hello")
    await passage.pool.execute("UPDATE deliveries SET state = 'handing_over'")
    await passage.ask(passage.send, journey, block="hello")
    assert before + 1 == counted("unknown")


async def test_a_message_that_is_sent_again_is_counted_again(passage: Passage) -> None:
    journey = await _due(passage)
    passage.mailbox.failures = [OutcomeUnknown("the line was cut")]
    await passage.ask(passage.send, journey, block="hello")
    before = counted("sent")
    again = ResendStart(delivery=(await passage.delivery())["id"], at=passage.now)
    await passage.attempt().run(passage.resend, again)
    assert before + 1 == counted("sent")
