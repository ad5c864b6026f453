"""How a campaign is started, and how far those have entered who matched already."""

from __future__ import annotations

from datetime import UTC
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from intake.loading import RATE, Load


class Start(BaseModel):
    """Whom a start lets in besides those to come. Only condition campaigns have a choice (behaviour 12.04)."""

    matches: Literal["future", "current_and_future"] = Field(
        default="future", description="`current_and_future`: whoever matches already enters too, in batches."
    )
    since: AwareDatetime | None = Field(
        default=None, description="Of those who match already, only whose match began since then. Default: the start."
    )
    rate: int = Field(default=RATE, ge=1, le=1000, description="How many of those who match already enter a second.")

    def load(self) -> Load | None:
        """Return who is let in of those who match already; None is nobody."""
        if self.matches == "future" and self.since is None:
            return None
        return Load(since=self.since.astimezone(UTC) if self.since else None, rate=self.rate)


class LoadingOrder(BaseModel):
    """What becomes of the entries of those who match already."""

    action: Literal["pause", "resume"]


class LoadingOut(BaseModel):
    """How far those have entered, or how many did, who matched when the campaign started."""

    state: Literal["loading", "paused", "over", "stopped"] = Field(
        description="`over`: everybody was looked at. `stopped`: the campaign was stopped before."
    )
    entered: int
    held_back: int = Field(description="Who was inside already, or had entered as often as the frequency allows.")
    matching: int | None = Field(
        description="Who matched when it began; null until they are counted. Some may have stopped matching since."
    )
