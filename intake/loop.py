"""Inputs wait in the inbox until somebody applies them: in order, at once, and without ever losing one.

One transaction takes a batch out, applies it and commits. If it fails, everything is as before; if it failed for what
an input holds, they are tried one by one, so that the bad one is put aside with the reason and the others go on.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final, TypeVar

import asyncpg

from engine.errors import ConfigurationError
from intake.building import Pace, build, finish
from intake.dating import compute_dates
from intake.processor import Processor
from intake.timers import come_due
from runtime import metrics
from runtime.hushing import hush
from storage import definitions, inbox, members, schedules
from storage.database import Connection, Pool
from storage.inbox import Input

BATCH: Final = 2000
"""Inputs applied in one transaction: enough to make statements cheap, few enough for a fraction of a second."""

_ATTEMPTS: Final = 3
"""How often one input may meet somebody else's simultaneous change before it counts as impossible."""

_DATA_CLASSES: Final = ("22", "23", "54")
"""SQLSTATE classes that an input itself can cause: data exception, constraint violation, limit exceeded."""

_NOT_OF_INPUT: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the connection ended between two answers
    ConfigurationError,
)

Done = TypeVar("Done")

_log = logging.getLogger(__name__)


class Intake:
    """Applies what is in the inbox of every workspace, one workspace after the other.

    Any number of processes may do so: whoever comes first takes its turn at a workspace, the others pass on.
    """

    def __init__(self, pool: Pool, clock: Callable[[], datetime], *, batch: int = BATCH) -> None:
        self._pool = pool
        self._clock = clock
        self.batch = batch
        self.processor = Processor()
        self._pace = Pace()
        self._workspaces: Sequence[int] = ()
        """As they were when we last looked around. Asking again before every batch would keep its inputs waiting."""

    async def work(self) -> bool:
        """Apply inputs and look around; return whether there was anything to do, so that it is worth coming back.

        Raises what asyncpg or the network raises if the record cannot be reached; nothing is lost by that. Whatever
        goes wrong at one workspace is raised after the others had their turn.
        """
        try:
            applied = await self.apply()
        finally:  # time goes on, whatever is wrong with the inputs
            found = await self.look_around()
        return found or applied > 0

    async def apply(self) -> int:
        """Apply a batch of inputs of every workspace; return how many there were. Raises what `work` raises."""
        if not self._workspaces:
            await self._meet_workspaces()
        return sum(await self._everywhere(self._apply))

    async def look_around(self) -> bool:
        """Do a piece of what is due by time, or else of what is computed for all; return whether there was any.

        Raises what `work` raises.
        """
        has_new = await self._meet_workspaces()
        return any(await self._everywhere(self._look_around)) or has_new

    async def settle(self) -> None:
        """Work until nothing is left to do at this instant."""
        while await self.work():
            pass

    async def next_due(self) -> datetime | None:
        """Return the next instant at which time alone gives something to do."""
        async with self._pool.acquire() as connection:
            instants = (await members.next_due(connection), await schedules.next_due(connection))
            return min((instant for instant in instants if instant is not None), default=None)

    async def _meet_workspaces(self) -> bool:
        known = self._workspaces
        async with self._pool.acquire() as connection:
            self._workspaces = await definitions.workspaces(connection)
        return self._workspaces != known

    async def _everywhere(self, do: Callable[[Connection, int], Awaitable[Done]]) -> list[Done]:
        """Do something in one workspace after the other."""
        failure: Exception | None = None
        done: list[Done] = []
        async with self._pool.acquire() as connection:
            for workspace_id in self._workspaces:
                try:
                    done.append(await do(connection, workspace_id))
                except ConfigurationError:
                    _log.exception("the inputs of workspace %d wait until this is mended", workspace_id)
                except Exception as error:
                    failure = failure or error
        if failure is not None:
            raise failure
        return done

    async def _apply(self, connection: Connection, workspace_id: int) -> int:
        inputs: list[Input] = []
        try:
            with _undisturbed():
                async with connection.transaction():
                    inputs = await inbox.draw(connection, workspace_id, self.batch)
                    await self.processor.process(connection, inputs, now=self._clock())
            metrics.applied(item.kind for item in inputs)
        except Exception as error:
            if not inputs or not is_fault_of_input(error):
                raise
            _log.warning("a batch of %d inputs failed, trying them one by one: %r", len(inputs), error)
            if isinstance(error, asyncpg.PostgresError):
                metrics.record_failed("inputs")
            for _ in inputs:
                await self._apply_one(connection, workspace_id)
        if inputs:
            self._pace.hear(self._clock())
        return len(inputs)

    async def _apply_one(self, connection: Connection, workspace_id: int) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            inputs: list[Input] = []
            try:
                async with connection.transaction():
                    inputs = await inbox.draw(connection, workspace_id, 1)
                    await self.processor.process(connection, inputs, now=self._clock())
                metrics.applied(item.kind for item in inputs)
                break
            except Exception as error:
                if not inputs or not is_fault_of_input(error):
                    raise
                if isinstance(error, asyncpg.UniqueViolationError) and attempt < _ATTEMPTS:
                    continue  # somebody else has just made the same person; they are found now
                hush(error)  # the reason is kept, and read, apart from the payload
                _log.exception("input %d cannot be applied and is put aside", inputs[0].id)
                metrics.rejected(inputs[0].kind)
                reason = f"{type(error).__name__}: {error}"
                await inbox.reject(connection, workspace_id, inputs[0].id, now=self._clock(), reason=reason)
                break

    async def _look_around(self, connection: Connection, workspace_id: int) -> bool:
        async with connection.transaction():
            until = await inbox.take_turn(connection, workspace_id, now=self._clock())
            if until is None:
                return False
            if await come_due(connection, self.processor, workspace_id, now=until, noticed_at=self._clock()):
                return True
            if await compute_dates(connection, self.processor, workspace_id):
                return True
            found = await build(connection, self.processor, workspace_id, self._pace, now=self._clock())
        if found == "page":
            await asyncio.sleep(self._pace.rest)
        if found == "end":
            async with connection.transaction():
                if await inbox.take_turn(connection, workspace_id, now=self._clock()) is not None:
                    await finish(connection, self.processor, workspace_id, now=self._clock())
        return found != "nothing"


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the garbage collector out of a batch: its objects all live until it is written, and none is garbage.

    Looking through them again and again took a third of intake's time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def is_fault_of_input(error: Exception) -> bool:
    """Whether the same input would fail again, as opposed to a record that is away, busy or not migrated."""
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate).startswith(_DATA_CLASSES)
    return not isinstance(error, _NOT_OF_INPUT)
