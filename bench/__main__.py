"""What Sojourn does on this machine, beside what the machine allows: `python -m bench [--json] [--only NAME …]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import uvloop
from rich.console import Console
from rich.table import Table

from bench.beside import beside
from bench.building import build
from bench.delays import delays
from bench.due import due
from bench.entering import entry
from bench.figures import Figure
from bench.ingest import ingest
from bench.intake import intake
from bench.journeys import JourneyBench
from bench.segments import segments
from bench.stack import Measured, measured_stack
from runtime.leaving import leave
from runtime.shutdown import INTERRUPTED, unless, until_signalled

_ON_A_STACK = ("latency", "held", "throughput", "delays", "entry", "due")
NAMES = ("ingest", "intake", "segments", "build", *_ON_A_STACK, "beside")


async def figures(only: set[str], seconds: float, scale: float) -> AsyncIterator[Figure]:
    """Measure one after the other: two at once would measure each other."""
    crowd = int(1_000_000 * scale)
    alone: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
        "ingest": partial(ingest, seconds=min(seconds, 20)),
        "intake": intake,
        "segments": partial(segments, inputs=int(100_000 * scale), people=int(20_000 * scale)),
        "build": partial(build, people=crowd),
    }
    for name, measure in alone.items():
        if name in only:
            for figure in await measure():
                yield figure
    if only & {*_ON_A_STACK}:
        async with measured_stack() as stack:
            async for figure in _on_a_stack(stack, only, seconds, scale):
                yield figure
    if "beside" in only:
        async with measured_stack() as stack:  # of its own: a million people would be felt by the others
            for figure in await beside(stack, people=crowd, seconds=seconds):
                yield figure


async def _on_a_stack(stack: Measured, only: set[str], seconds: float, scale: float) -> AsyncIterator[Figure]:
    journeys = JourneyBench(stack)
    await journeys.prepare()
    if "latency" in only:
        for figure in await journeys.latency(rate=10, seconds=seconds, p50_goal=2.0, p95_goal=2.5):
            yield figure
        for figure in await journeys.latency(rate=25, seconds=seconds, p50_goal=None, p95_goal=3.0):
            yield figure
    if "held" in only:
        yield await journeys.held(rate=40, seconds=seconds)
    if "throughput" in only:
        yield await journeys.throughput(seconds=seconds)
    if "delays" in only:
        for figure in await delays(stack):
            yield figure
    if "entry" in only:
        for figure in await entry(stack, seconds=seconds):
            yield figure
    if "due" in only:
        for figure in await due(stack, each=int(1000 * scale)):
            yield figure


def arguments() -> argparse.Namespace:
    """Read what was typed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON list in place of the table")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--seconds", type=float, default=60, help="length of each measurement (default 60)")
    parser.add_argument(
        "--scale", type=float, default=1, help="share of the people of segments, build, due and beside, to try them out"
    )
    return parser.parse_args()


async def main(asked: argparse.Namespace, stop: asyncio.Event) -> int:
    """Print the figures; 1 if a goal was missed."""
    progress = Console(stderr=True)
    found: list[Figure] = []

    async def measure() -> None:
        async for figure in figures(set(asked.only), asked.seconds, asked.scale):
            progress.print(f"[dim]{figure.name}: {figure.value:.4g} {figure.unit}[/dim]")
            found.append(figure)

    if not await unless(stop, measure()):
        return INTERRUPTED
    if asked.json:
        sys.stdout.write(json.dumps([figure.as_json() for figure in found], indent=2) + "\n")
    else:
        Console().print(_table(found))
    return int(any(figure.reached is False for figure in found))


def _table(found: list[Figure]) -> Table:
    table = Table("measure", "value", "limit in this run", "ratio", "goal", "reached")
    for figure in found:
        sign = "≥" if figure.better == "higher" else "≤"
        of = "x" if figure.goal_for == "ratio" else f" {figure.unit}"
        table.add_row(
            figure.name,
            f"{figure.value:,.4g} {figure.unit}",
            "" if figure.limit is None else f"{figure.limit:,.4g} {figure.unit} ({figure.limit_is})",
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            "" if figure.goal is None else f"{sign} {figure.goal:g}{of}",
            {True: "yes", False: "no", None: ""}[figure.reached],
        )
    return table


if __name__ == "__main__":
    asked = arguments()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        code = runner.run(until_signalled(partial(main, asked)))
    leave(code)
