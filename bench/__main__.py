"""What Sojourn does on this machine, beside what the machine allows: `python -m bench [--json] [--only NAME …]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator

import uvloop
from rich.console import Console
from rich.table import Table

from bench.delays import delays
from bench.figures import Figure
from bench.ingest import ingest
from bench.intake import intake
from bench.journeys import JourneyBench
from bench.stack import Measured, measured_stack
from runtime.shutdown import leave

NAMES = ("ingest", "intake", "latency", "held", "throughput", "delays")
_ON_A_STACK = frozenset(NAMES[2:])


async def figures(only: set[str], seconds: float) -> AsyncIterator[Figure]:
    """Measure one after the other: two at once would measure each other."""
    if "ingest" in only:
        for figure in await ingest(seconds=min(seconds, 20)):
            yield figure
    if "intake" in only:
        for figure in await intake():
            yield figure
    if only & _ON_A_STACK:
        async with measured_stack() as stack:
            async for figure in _on_a_stack(stack, only, seconds):
                yield figure


async def _on_a_stack(stack: Measured, only: set[str], seconds: float) -> AsyncIterator[Figure]:
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


async def main() -> int:
    """Print the figures; 1 if a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON list in place of the table")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--seconds", type=float, default=60, help="length of each measurement (default 60)")
    arguments = parser.parse_args()
    progress = Console(stderr=True)
    found: list[Figure] = []
    async for figure in figures(set(arguments.only), arguments.seconds):
        progress.print(f"[dim]{figure.name}: {figure.value:.4g} {figure.unit}[/dim]")
        found.append(figure)
    if arguments.json:
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
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        code = runner.run(main())
    leave(code)
