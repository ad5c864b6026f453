"""`sojourn doctor`: what is reachable, migrated and configured, in plain words, and what to do about what is not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import typer
from rich.markup import escape

from cli import checks, whereabouts
from cli.checks import Finding
from cli.console import OUT
from runtime.clock import system_clock

_MARKS: Final = {"good": "[green]✓[/]", "notice": "[yellow]![/]", "wrong": "[red]✗[/]"}


def doctor() -> None:
    """Look at everything Sojourn stands on. Exit code 1 when something is wrong."""
    findings = asyncio.run(checks.every(whereabouts.settings(), system_clock()))
    for finding in findings:
        OUT.print(f"{_MARKS[finding.state]} {escape(finding.text)}")
        if finding.remedy:
            OUT.print(f"  → {escape(finding.remedy)}", style="dim")
    OUT.print(f"\n{conclusion(findings)}")
    raise typer.Exit(int(any(finding.state == "wrong" for finding in findings)))


def conclusion(findings: Sequence[Finding]) -> str:
    """Return the whole of it in one sentence, in which a notice is neither wrong nor forgotten."""
    wrong, notices = (sum(finding.state == state for finding in findings) for state in ("wrong", "notice"))
    if wrong:
        also = f" {notices} more to look at." if notices else ""
        return f"{wrong} of {len(findings)} things {'needs' if wrong == 1 else 'need'} attention.{also}"
    return f"Nothing is wrong; {notices} to look at, marked `!`." if notices else "All is well."
