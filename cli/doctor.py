"""`sojourn doctor`: what is reachable, migrated and configured, in plain words, and what to do about what is not."""

from __future__ import annotations

import asyncio
from typing import Final

import typer
from rich.markup import escape

from cli import checks, whereabouts
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
    wrong = sum(finding.state == "wrong" for finding in findings)
    OUT.print(f"\n{wrong} of {len(findings)} things need attention." if wrong else "\nAll is well.")
    raise typer.Exit(min(wrong, 1))
