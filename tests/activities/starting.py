"""A campaign on a segment with five people, and what lets its current matches in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from temporalio.testing import ActivityEnvironment

from activities.loading import Loading
from engine.moves import Loaded, LoadingAsk
from intake import definitions
from intake.loading import Load, order_loading
from intake.processor import Processor
from storage.database import Pool
from tests.intake.scene import Scene

PRO = {"attribute": "plan", "equals": "pro"}
FAST = 100_000
PEOPLE = [f"p{n}" for n in range(5)]


class Started:
    """A campaign on the segment `pro`, and what lets its current matches in."""

    def __init__(self, pool: Pool, scene: Scene) -> None:
        self.scene = scene
        self.seconds = 0.0
        self.loading = Loading(pool, Processor(), lambda: self.seconds)
        self.id = 0

    async def start(
        self, *, rate: int = FAST, since: datetime | None = None, trigger: Any = None, **document: Any
    ) -> None:
        scene = self.scene
        condition = {"condition": trigger or {"in": "pro"}}
        self.id = await scene.campaign("campaign", start=False, trigger=condition, **document)
        async with scene.pool.acquire() as connection:
            await definitions.start_campaign(
                connection, scene.workspace, "campaign", load=Load(rate=rate, since=since), now=scene.now
            )

    async def load(self, *, in_worker: ActivityEnvironment | None = None, **order: Any) -> Loaded:
        """Ask as the workflow does; return where it stands then."""
        ask = LoadingAsk(workspace=self.scene.workspace, campaign=self.id, now=self.scene.now, **order)
        return await (in_worker or ActivityEnvironment()).run(self.loading.load_matches, ask)

    async def page(self) -> None:
        """Let one page in, as if the attempt had ended there."""
        ask = LoadingAsk(workspace=self.scene.workspace, campaign=self.id, now=self.scene.now)
        async with self.scene.pool.acquire() as connection, connection.transaction():
            await self.loading._page(connection, ask, self.scene.now)

    async def order(self, verb: Any) -> None:
        async with self.scene.pool.acquire() as connection:
            await order_loading(connection, self.scene.workspace, "campaign", verb, now=self.scene.now)

    async def entered(self) -> list[str]:
        query = (
            "SELECT external_id FROM journeys JOIN people ON people.id = person_id ORDER BY external_id, journeys.id"
        )
        return [row["external_id"] for row in await self.scene.rows(query)]

    async def state(self) -> tuple[str, str | None]:
        [row] = await self.scene.rows("SELECT state, load_state FROM campaigns")
        return row["state"], row["load_state"]
