"""A workspace with an inbox, an intake and a clock that stands still until it is moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.lifecycle import StopMode
from intake import definitions
from intake.loading import Load
from intake.loop import Intake
from storage import inbox
from storage.database import Pool, Record
from storage.inbox import Input

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Scene:
    """Sends inputs as the API writes them, lets intake apply them, and reads what came of it."""

    def __init__(self, pool: Pool, workspace: int) -> None:
        self.pool = pool
        self.workspace = workspace
        self.now = START
        self.intake = Intake(pool, lambda: self.now)

    def input(self, kind: str, **payload: Any) -> Input:
        """Return an input that is received now."""
        return Input(workspace_id=self.workspace, kind=kind, payload=payload, received_at=self.now)

    def identify(self, who: str | Mapping[str, str], **attributes: Any) -> Input:
        return self.input("identify", who=_who(who), attributes=attributes)

    def event(self, who: str | Mapping[str, str], name: str, *, type: str = "event", **rest: Any) -> Input:  # noqa: A002
        return self.input("event", who=_who(who), **{"type": type, "name": name, "data": {}, **rest})

    def about(self, kind: str, who: str | Mapping[str, str], **rest: Any) -> Input:
        return self.input(kind, who=_who(who), **rest)

    async def wait(self, *inputs: Input) -> None:
        """Put inputs into the inbox, where nobody applies them for now."""
        async with self.pool.acquire() as connection:
            await inbox.append(connection, inputs)

    async def send(self, *inputs: Input) -> None:
        """Put inputs into the inbox, and let intake work until nothing is left to do."""
        await self.wait(*inputs)
        await self.intake.settle()

    async def advance(self, **time: float) -> None:
        """Move the clock by a `timedelta`, stopping wherever something becomes due."""
        end = self.now + timedelta(**time)
        while (due := await self.intake.next_due()) is not None and due <= end:
            self.now = max(due, self.now)
            await self.intake.settle()
        self.now = end
        await self.intake.settle()

    async def campaign(self, key: str, *, start: bool = True, load: Load | None = None, **document: Any) -> int:
        """Save a campaign that sends one email an hour after the event, start it and return its id."""
        email = {"id": "nudge", "from": "a@shop.example", "subject": "Hi", "body": "Hello"}
        blocks = [{"delay": "1h"}, {"email": email}]
        written = {"name": key, "trigger": {"event": "bought"}, "exit": "never", "workflow": blocks, **document}
        async with self.pool.acquire() as connection:
            await definitions.save_campaign(connection, self.workspace, key, written, now=self.now)
            if start:
                await definitions.start_campaign(connection, self.workspace, key, load=load, now=self.now)
            return int(await connection.fetchval("SELECT id FROM campaigns WHERE key = $1", key))

    async def segment(self, key: str, condition: Any, *, build: bool = True) -> int:
        """Save a segment, let it be built and return its id."""
        async with self.pool.acquire() as connection:
            document = {"name": key, "condition": condition}
            await definitions.save_segment(connection, self.workspace, key, document, now=self.now)
            segment = int(await connection.fetchval("SELECT id FROM segments WHERE key = $1", key))
        if build:
            await self.intake.settle()
        return segment

    async def stop(self, key: str, mode: StopMode = "now") -> None:
        async with self.pool.acquire() as connection:
            await definitions.stop_campaign(connection, self.workspace, key, mode, now=self.now)

    async def rows(self, query: str, *arguments: Any) -> list[Record]:
        return list(await self.pool.fetch(query, *arguments))

    async def one(self, query: str, *arguments: Any) -> Any:
        return await self.pool.fetchval(query, *arguments)

    async def people(self) -> list[tuple[str | None, str | None, dict[str, Any]]]:
        """Return id, email and attributes of everybody, in the order in which they became known."""
        rows = await self.rows("SELECT external_id, email, attributes FROM people ORDER BY id")
        return [(row["external_id"], row["email"], row["attributes"]) for row in rows]

    async def members(self, key: str) -> list[str]:
        """Return the ids of who is in a segment."""
        query = """
            SELECT external_id FROM segment_members JOIN segments ON segments.id = segment_id
            JOIN people ON people.id = person_id WHERE segments.key = $1 ORDER BY external_id
        """
        return [row["external_id"] for row in await self.rows(query, key)]

    async def failures(self) -> list[tuple[str, dict[str, Any]]]:
        rows = await self.rows("SELECT reason, detail FROM failed_changes ORDER BY id")
        return [(row["reason"], row["detail"]) for row in rows]

    async def entered(self, key: str) -> list[datetime]:
        """Return when journeys of a campaign began."""
        query = """
            SELECT journeys.started_at FROM journeys JOIN campaigns ON campaigns.id = campaign_id
            WHERE key = $1 ORDER BY journeys.id
        """
        return [row["started_at"] for row in await self.rows(query, key)]

    async def refused(self, key: str) -> list[str]:
        query = """
            SELECT reason FROM refusals JOIN campaigns ON campaigns.id = campaign_id WHERE key = $1 ORDER BY occurrence
        """
        return [row["reason"] for row in await self.rows(query, key)]


def _who(who: str | Mapping[str, str]) -> dict[str, str]:
    return {"id": who} if isinstance(who, str) else dict(who)
