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


FEW: Final = 50
"""Up to so many rows an INSERT is quicker than a COPY, which has to ask for the table's columns first."""


def _encode(value: Any) -> bytes:
    return _JSONB_VERSION + orjson.dumps(value)


def _decode(value: bytes) -> Any:
    return orjson.loads(value[1:])


async def prepare(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Teach a fresh connection that jsonb columns are Python objects."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_encode, decoder=_decode, format="binary")


async def _give_back(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Clean a connection for the next user, or drop it if it is dead.

    Whoever gives it back has committed already, and must not hear that something failed.
    """
    try:
        await connection.execute(connection.get_reset_query())
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        connection.terminate()


async def open_pool(url: str, *, min_size: int = 1, max_size: int = 10, name: str = "sojourn") -> Pool:
    """Open a pool. `name` is what an operator sees in `pg_stat_activity`.

    Raises OSError or asyncpg.PostgresError when the server cannot be reached or refuses us.
    """
    return await asyncpg.create_pool(
        url,
        min_size=min_size,
        max_size=max_size,
        init=prepare,
        reset=_give_back,
        command_timeout=60,
        # Plans of our queries are short; compiling them costs more than it saves.
        server_settings={"application_name": name, "timezone": "UTC", "jit": "off"},
    )
