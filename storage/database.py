"""How the record is reached: one asyncpg pool per process, with JSON columns as Python objects and instants in UTC.

Functions of this package take a connection and never commit; whoever opened the connection (a request, an activity, an
intake batch) owns the transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import asyncpg
import orjson

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
    Record = asyncpg.Record
else:
    Connection, Pool, Record = asyncpg.Connection, asyncpg.Pool, asyncpg.Record

_JSONB_VERSION = b"\x01"  # first byte of jsonb's binary form

RECORD_AWAY: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises of a record that is away, restarting, slow (a TimeoutError is an OSError) or not migrated yet."""

FEW: Final = 50
"""Up to so many rows an INSERT is quicker than a COPY, which has to ask for the table's columns first."""


def _encode(value: Any) -> bytes:
    return _JSONB_VERSION + orjson.dumps(value)


def _decode(value: bytes) -> Any:
    return orjson.loads(value[1:])


async def prepare(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Teach a fresh connection that jsonb columns are Python objects."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_encode, decoder=_decode, format="binary")


async def _as_it_is(_: asyncpg.Connection[asyncpg.Record]) -> None:
    """Hand a connection on without the usual round trip of cleaning: each one stood in the way of a message.

    Nobody here changes a session: locks and settings end with their transaction, listeners are taken back, and asyncpg
    rolls back what was broken off.
    """


async def open_pool(url: str, *, min_size: int = 1, max_size: int = 10, name: str = "sojourn") -> Pool:
    """Open a pool. `name` is what an operator sees in `pg_stat_activity`.

    Raises OSError or asyncpg.PostgresError when the server cannot be reached or refuses us.
    """
    return await asyncpg.create_pool(
        url,
        min_size=min_size,
        max_size=max_size,
        init=prepare,
        reset=_as_it_is,
        command_timeout=60,
        # Plans of our queries are short; compiling them costs more than it saves.
        server_settings={"application_name": name, "timezone": "UTC", "jit": "off"},
    )
