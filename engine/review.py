"""A document can be well-formed and still be no campaign to start: this is what somebody looks through before they do.

Errors keep a campaign from starting, warnings do not (behaviour 12.02, 12.03). What `parse` refuses is not repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from engine.campaigns import Campaign
from engine.conditions import touches
from engine.errors import Fault
from engine.goals import EventGoal
from engine.plans import Path
from engine.steps import Branch, Email, ExitStep, MessageStep, Step

Level = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True)
class Finding(Fault):
    """Something to be mended before the start, or at least known."""

    level: Level


def review(
    campaign: Campaign, *, known_segments: AbstractSet[str] | None = None, default_sender: str | None = None
) -> list[Finding]:
    """Return what a start must know, in the order of the document.

    Args:
        campaign: as it would be started.
        known_segments: keys of the segments that exist; None leaves them out of the review.
        default_sender: of the installation, for emails of a campaign without `from`.
    """
    findings: list[Finding] = []
    if known_segments is not None:
        findings.extend(_unknown_segments(campaign, known_segments))
    for place, step, before in _placed(campaign.plan.steps, "workflow"):
        findings.extend(_of_step(place, step, campaign.sender or default_sender))
        if isinstance(before, ExitStep):
            findings.append(_finding("warning", place, "Nobody gets here, behind an exit.", "Remove one of the two."))
    if not any(isinstance(step, MessageStep) for step in campaign.plan.blocks.values()):
        findings.append(_finding("warning", "workflow", "Nobody gets a message.", "Add one, unless that is meant."))
    return findings


def _unknown_segments(campaign: Campaign, known: AbstractSet[str]) -> Iterator[Finding]:
    asked = [] if campaign.filters is None else [("filters", touches(campaign.filters).segments)]
    if campaign.goal is not None and not isinstance(campaign.goal, EventGoal):
        asked.append(("goal", frozenset({campaign.goal.segment})))
    for place, step, _ in _placed(campaign.plan.steps, "workflow"):
        asked.extend((f"{place}.if", touches(question).segments) for question in step.questions())
    for place, segments in asked:
        for segment in sorted(segments - known):
            remedy = "Apply the segment first, or correct its key."
            yield _finding("error", place, f"There is no segment `{segment}`.", remedy)


def _of_step(place: str, step: Step, sender: str | None) -> Iterator[Finding]:
    if isinstance(step, Email) and not (step.sender or sender):
        yield _finding("error", place, "The email has no sender.", "Write `from` here or for the whole campaign.")
    if isinstance(step, MessageStep) and step.sending == "off":
        yield _finding("warning", place, f"`{step.id}` is off.", "Write `sending: automatic` to send it.")
    if isinstance(step, Branch) and step.question is None:
        yield _finding("warning", place, "The branch has no condition.", "Everybody takes `else`.")
    elif isinstance(step, Branch) and not (step.then or step.otherwise):
        yield _finding("warning", place, "Both paths are empty.", "Write blocks for `then` or `else`.")


def _placed(path: Path, place: str) -> Iterator[tuple[str, Step, Step | None]]:
    """Every block with its place and the one before it in its path."""
    for number, (step, before) in enumerate(zip(path, (None, *path), strict=False)):
        here = f"{place}[{number}].{step.kind}"
        yield here, step, before
        for name, inside in step.paths().items():
            yield from _placed(inside, f"{here}.{name}")


def _finding(level: Level, place: str, problem: str, remedy: str) -> Finding:
    return Finding(level=level, place=place, problem=problem, remedy=remedy)
