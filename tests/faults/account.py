"""Whether every promise about a burst was kept, whatever died meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from tests.faults.burst import Burst
from tests.faults.stack import RunningStack
from tests.faults.waiting import until


async def begin(stack: RunningStack, burst: Burst, *, rate: float) -> asyncio.Task[None]:
    """Let a burst of known people begin, into a campaign of its own that sends each of them one email."""
    await stack.start_campaign(burst.name)
    await burst.identify()
    await stack.settled()
    return asyncio.create_task(burst.perform(rate=rate))


async def reached(number: int, count: Callable[[], int], what: str) -> None:
    """Return when something has been counted so often."""

    async def is_so() -> bool:
        return count() >= number

    await until(is_so, within=60, what=lambda: f"{number} {what}; {count()} so far")


async def broken_promises(stack: RunningStack, burst: Burst) -> dict[str, object]:
    """Return what is wrong with a settled burst: nothing, if all is well."""
    journeys = await stack.all(f"campaigns/{burst.name}/journeys")
    deliveries = await stack.all(f"campaigns/{burst.name}/deliveries")
    mails = stack.caught(burst.domain)
    entries = Counter(journey["person"]["id"] for journey in journeys)
    copies = Counter(mail.recipients[0] for mail in mails)
    message_ids = Counter(mail.headers["Message-ID"] for mail in mails)
    sent = {delivery["recipient"] for delivery in deliveries if delivery["state"] == "sent"}
    unknown = {delivery["recipient"] for delivery in await stack.unknown(burst.name)}
    found = {
        "entered, but not once": {person: entries[person] for person in burst.people if entries[person] != 1},
        "not finished": [journey["id"] for journey in journeys if journey["state"] != "finished"],
        "mailed twice": [address for address, number in copies.items() if number > 1],
        "the same message twice": [message_id for message_id, number in message_ids.items() if number > 1],
        "said to be sent, but never arrived": sent - copies.keys(),
        "neither sent nor shown as unknown": {burst.address(person) for person in burst.people} - sent - unknown,
    }
    return {what: who for what, who in found.items() if who}
