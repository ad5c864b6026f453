"""Events are forgotten by the month: dropping a partition is instant, deleting a hundred million rows is not.

Nobody has to make partitions ahead by hand: whoever is about to write into a month asks for it here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from storage.database import Connection
from storage.queries import load

_SQL = load("partitions")

_LOCK = 0x50_6A_6F_76  # any constant of our own; advisory locks share one number space per database


def month_of(instant: datetime) -> datetime:
    """Return the first instant of the month, in UTC."""
    return instant.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def following(month: datetime) -> datetime:
    """Return the first instant of the next month."""
    return month_of(month + timedelta(days=31))


async def prepare(connection: Connection, months: Iterable[datetime]) -> set[datetime]:
    """Make the partitions of these months that are missing; return the months that were there already.

    What is made here is gone again if the transaction fails, so only the others may be remembered as being there.
    """
    wanted = {_name(month_of(month)): month_of(month) for month in months}
    there = wanted.keys() & await _known(connection)
    if wanted.keys() - there:
        await connection.execute(_SQL.take_turn, _LOCK)
        for name in sorted(wanted.keys() - await _known(connection)):
            await _make(connection, name, wanted[name])
    return {wanted[name] for name in there}


async def hurry(connection: Connection) -> None:
    """For the rest of the transaction, give up in place of waiting long for a lock: others would wait behind us.

    What is given up raises asyncpg.LockNotAvailableError.
    """
    await connection.execute(_SQL.hurry)


async def drop_before(connection: Connection, horizon: datetime) -> list[str]:
    """Drop the partitions that hold nothing received at or after `horizon`; return their names."""
    dropped = sorted(name for name in await _known(connection) if name < _name(month_of(horizon)))
    for name in dropped:
        await connection.execute(f"DROP TABLE {name}")
    return dropped


async def forget_keys(connection: Connection, horizon: datetime) -> None:
    """Forget client-supplied event ids that were last seen before `horizon`."""
    await connection.execute(_SQL.forget_keys, horizon)


def _name(month: datetime) -> str:
    return f"events_{month:%Y_%m}"


async def _known(connection: Connection) -> set[str]:
    return {row["name"] for row in await connection.fetch(_SQL.known)}


async def _make(connection: Connection, name: str, month: datetime) -> None:
    # Attaching a finished table takes a weaker lock than creating a partition: readers and writers go on.
    await connection.execute(f"CREATE TABLE {name} (LIKE events INCLUDING ALL)")
    await connection.execute(
        f"ALTER TABLE events ATTACH PARTITION {name} "
        f"FOR VALUES FROM ('{month.isoformat()}') TO ('{following(month).isoformat()}')"
    )
