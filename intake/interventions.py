"""What an operator settles by hand: the end of one journey, and a message that failed or whose outcome nobody knows.

Each is written to the record first and then told to Temporal by the outbox, so it is true even while Temporal is away.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from engine import ids, names, unknown
from engine.errors import Conflict
from engine.moves import LookAgain, ResendStart
from storage import interventions, outbox
from storage.database import Connection

MANUAL: Final = "manual"
"""Exit reason of a journey that an operator ended, and reason of a refusal likewise (behaviour 9.05)."""

DROPPED: Final = "An operator dropped it after an unknown outcome."

Settlement = Literal["resend", "drop"]

_CAN_BE: Final = {
    "resend": "Leave it: only one that failed, or whose outcome is unknown, can be sent again.",
    "drop": "Leave it: only one whose outcome is unknown can be dropped.",
}


async def end_journey(
    connection: Connection, workspace_id: int, journey_id: int, *, note: str | None, now: datetime
) -> None:
    """End one journey, or one event's wait for its filters. Nothing more is sent from the commit on.

    Raises NotFound, and Conflict for what has ended already; asking twice while it ends is harmless.
    """
    async with connection.transaction():
        journey = await interventions.hold_journey(connection, workspace_id, journey_id)
        if journey is None and await _drop_retry(connection, workspace_id, journey_id, note=note, now=now):
            return
        # It may have entered in between, and then it is the journey that has to end.
        journey = journey or await interventions.hold_journey(connection, workspace_id, journey_id)
        if journey is None:
            raise unknown.journey(journey_id)
        if journey.ended_at is not None:
            how = f"exited ({journey.exit_reason})" if journey.exit_reason else "finished"
            ended = f"The journey has ended already: it {how} at {journey.ended_at:%Y-%m-%d %H:%M:%S} UTC."
            raise Conflict(ended, "There is nothing to end.", place="journey")
        if journey.ending is not None:
            return
        text = f"An operator ends the journey: {note}" if note else "An operator ends the journey."
        await interventions.end_journey(connection, journey_id, reason=MANUAL, note=text, now=now)
        workflow_id = ids.journey_workflow(workspace_id, journey.campaign_id, journey.entrant, journey.occurrence)
        await outbox.add(connection, [outbox.signal(workflow_id, names.END, MANUAL)], now=now)


async def _drop_retry(
    connection: Connection, workspace_id: int, retry_id: int, *, note: str | None, now: datetime
) -> bool:
    """End the wait, and tell its workflow; return whether there was one."""
    seen = {"note": note} if note else {}
    dropped = await interventions.drop_retry(connection, workspace_id, retry_id, reason=MANUAL, seen=seen, now=now)
    if dropped is None:
        return False
    workflow_id = ids.journey_workflow(workspace_id, dropped.campaign_id, dropped.entrant, dropped.occurrence)
    look_again = LookAgain(at=now).model_dump(mode="json")
    await outbox.add(connection, [outbox.signal(workflow_id, names.LOOK_AGAIN, look_again)], now=now)
    return True


async def settle_delivery(
    connection: Connection, workspace_id: int, public_id: str, settlement: Settlement, *, now: datetime
) -> None:
    """Send a message of unknown outcome again, or drop it; make one that failed anew and send it (behaviour 8.09).

    Repeating it is harmless. Raises NotFound, and Conflict for any other delivery.
    """
    async with connection.transaction():
        delivery = await interventions.hold_delivery(connection, workspace_id, public_id)
        if delivery is None:
            raise unknown.delivery(public_id)
        if settlement == "drop" and (delivery.state, delivery.failure) == ("undeliverable", DROPPED):
            return
        if delivery.state != "unknown" and (settlement, delivery.state) != ("resend", "failed"):
            raise Conflict(f"The delivery is {delivery.state}.", _CAN_BE[settlement], place="action")
        if settlement == "drop":
            await interventions.drop_delivery(connection, delivery.id, failure=DROPPED, now=now)
            return
        if delivery.state == "unknown" and delivery.is_erased:
            erased = "The content was erased with the person, so it cannot be sent again."
            raise Conflict(erased, "Drop it.", place="action")
        start = outbox.start(
            ids.resend_workflow(delivery.id, delivery.attempts + 1),
            names.RESEND,
            ResendStart(delivery=delivery.id, at=now).model_dump(mode="json"),
            search={
                names.CAMPAIGN_ID: str(delivery.campaign_id),
                names.PERSON_KEY: str(delivery.person_id),
                names.WORKSPACE_ID: str(workspace_id),
            },
            summary=f"Send {delivery.block} again, as an operator decided",
        )
        await outbox.add(connection, [start], now=now)
