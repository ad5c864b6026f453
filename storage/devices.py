"""A push message goes to devices, not to people: which tokens a person has, and when each was last used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.instants import unix
from storage.database import Connection
from storage.queries import load

_SQL = load("devices")


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device of one person."""

    person_id: int
    token: str
    platform: str
    last_used: datetime
    attributes: dict[str, Any]

    def seen(self) -> dict[str, Any]:
        """Return the device as conditions see it: flat, `last_used` in Unix seconds."""
        return {**self.attributes, "platform": self.platform, "last_used": unix(self.last_used)}


async def of_people(connection: Connection, person_ids: Sequence[int]) -> list[Device]:
    """Return the devices of people, whom the caller has locked."""
    return [Device(**row) for row in await connection.fetch(_SQL.of_people, person_ids)]


async def keep(connection: Connection, devices: Sequence[Device]) -> None:
    """Add devices or update known ones. Each person and token at most once per call."""
    await connection.execute(
        _SQL.keep,
        [device.person_id for device in devices],
        [device.token for device in devices],
        [device.platform for device in devices],
        [device.last_used for device in devices],
        [device.attributes for device in devices],
    )


async def remove(connection: Connection, devices: Sequence[tuple[int, str]]) -> None:
    """Forget devices, each given as person and token."""
    await connection.execute(_SQL.remove, [person for person, _ in devices], [token for _, token in devices])
