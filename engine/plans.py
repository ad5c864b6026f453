"""A workflow is written as a tree of blocks, and walked from one block to the next. The plan is both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.steps import DataStep, MessageStep, Step
from engine.steps.step import Arm

Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The blocks of one version of a campaign. Two plans are equal if their blocks are."""

    steps: Path
    """The blocks from the trigger to the end; branches hold theirs."""
    blocks: Mapping[str, Step] = field(init=False, repr=False, compare=False)
    """Every block by its id, in the order of the document."""
    _next: Mapping[str, str | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        walked = list(_walked(self.steps, None))
        object.__setattr__(self, "blocks", {step.id: step for step, _ in walked})
        object.__setattr__(self, "_next", {step.id: following for step, following in walked})

    @property
    def first(self) -> str | None:
        """The first block; None if there is none."""
        return self.steps[0].id if self.steps else None

    def step(self, block: str, journey: int, begun: Arm | None = None) -> Step | None:
        """Return a block as one journey gets it, None if it is not there: of a message in an A/B test, its arm.

        `begun` is the arm of the delivery that the journey has at the block, if there is one.
        """
        step = self.blocks.get(block)
        return step.for_journey(journey, begun) if isinstance(step, MessageStep) else step

    def after(self, block: str) -> str | None:
        """Return what follows a block in its path, or else what follows the branch it stands in; None at the end."""
        return self._next[block]

    def entry_of(self, block: str, path: str | None) -> str | None:
        """Return the first block of a path that leads through `block`; if the path is empty, what follows."""
        inside = self.blocks[block].paths().get(path) if path else None
        return inside[0].id if inside else self.after(block)

    def following_in(self, latest: Plan, block: str) -> str | None:
        """Return the first block after `block` of this plan that the latest plan still has (behaviour 15.26)."""
        following = self.after(block)
        while following is not None and following not in latest.blocks:
            following = self.after(following)
        return following

    def renamed_in(self, latest: Plan, block: str) -> str | None:
        """Return the name that a block of this plan has in the latest one; None if it was deleted.

        A block without a written id is called after the one before it, so an insertion there renames it. If the latest
        plan has one block of the same kind that is new by its name and stands before the same block, then it is that
        one, and nobody who waits in it loses their place.
        """
        if block in latest.blocks:
            return block
        following = self.following_in(latest, block)
        heirs = [
            step.id
            for step in latest.blocks.values()
            if step.kind == self.blocks[block].kind
            and step.id not in self.blocks
            and latest.after(step.id) == following
            and is_automatic(step.id)
        ]
        return heirs[0] if len(heirs) == 1 and is_automatic(block) else None

    def is_changed_in(self, latest: Plan, block: str) -> bool:
        """Whether a block of this plan asks for something else in the latest one, or was deleted.

        Its action condition does not count: that is looked at on arrival only.
        """
        name = self.renamed_in(latest, block)
        if name is None:
            return True
        before, after = self.blocks[block], latest.blocks[name]
        return (before.kind, before.body()) != (after.kind, after.body())

    def releases_in(self, latest: Plan, *, has_grace: bool = False) -> bool:
        """Whether somebody who waits in this plan may have to go on sooner or later in the latest (15.10-15.15).

        Nobody waits at a change of data or where a path begins, nor at a message unless the campaign `has_grace`: such
        a wait keeps its end (15.35), unless the message is deleted (15.26).
        """
        if has_grace and any(
            isinstance(step, MessageStep) and block not in latest.blocks for block, step in self.blocks.items()
        ):
            return True
        return any(
            self.is_changed_in(latest, block)
            for block, step in self.blocks.items()
            if not isinstance(step, MessageStep | DataStep) and not step.paths()
        )


def is_automatic(block: str) -> bool:
    """Whether an id was made from the block's place. Written ids have no dot."""
    return "." in block


def _walked(path: Path, following: str | None) -> Iterator[tuple[Step, str | None]]:
    for step, behind in zip(path, (*(later.id for later in path[1:]), following), strict=False):
        yield step, behind
        for inside in step.paths().values():
            yield from _walked(inside, behind)
