"""How long a new segment over everybody takes to build, beside one query that only counts who is in it."""

from __future__ import annotations

import time
from datetime import datetime
from statistics import median

from bench.crowd import ATTRIBUTES, EVER, LATELY, Question, gather
from bench.figures import Figure
from bench.record import empty_record
from intake import definitions
from intake.loop import Intake
from runtime.clock import system_clock
from storage import keys
from storage.database import Pool

_TIMES = 3


async def build(*, people: int) -> list[Figure]:
    """Build three segments, one after the other, by intake's own loop with nothing else to do.

    The clock stands still, so that both find the very same people: else RuntimeError is raised.
    """
    now = system_clock()
    async with empty_record("bench build") as pool:
        async with pool.acquire() as connection:
            workspace = await keys.open_workspace(connection, "bench", now=now)
            await gather(connection, workspace, people=people, now=now)
        worker = Intake(pool, lambda: now)
        await worker.settle()
        return [await _build(pool, worker, workspace, asked, people, now) for asked in (ATTRIBUTES, EVER, LATELY)]


async def _build(pool: Pool, worker: Intake, workspace: int, question: Question, people: int, now: datetime) -> Figure:
    limit, expected = await _by_hand(pool, workspace, question, now)
    key = f"segment-{question.name.replace(' ', '-')}"
    document = {"name": question.name, "condition": question.condition}
    began = time.perf_counter()
    async with pool.acquire() as connection:
        await definitions.save_segment(connection, workspace, key, document, now=now)
    await worker.settle()
    took = time.perf_counter() - began
    state, members = await pool.fetchrow(
        "SELECT state, (SELECT count(*) FROM segment_members WHERE segment_id = id) FROM segments WHERE key = $1", key
    ) or ("missing", 0)
    if state != "ready" or members != expected:
        raise RuntimeError(f"{question.name} is {state} with {members} members; the query counts {expected}.")
    return Figure(
        name=f"build of {question.name} over {people:,} people",
        value=took,
        unit="s",
        limit=limit,
        limit_is=f"SELECT count(*) by hand, warm, median of {_TIMES}",
        goal=5.0,
        details={"people": people, "members": members},
    )


async def _by_hand(pool: Pool, workspace: int, question: Question, now: datetime) -> tuple[float, int]:
    took = []
    async with pool.acquire() as connection:
        for _ in range(1 + _TIMES):
            began = time.perf_counter()
            members = await connection.fetchval(question.count, *question.arguments(workspace, now))
            took.append(time.perf_counter() - began)
    return median(took[1:]), members
