"""The journey of a payload has no person, and nothing that asks about one may fail for that (behaviour 1.6)."""

from __future__ import annotations

from typing import Any

import pytest

from activities.scopes import scope_of
from activities.situations import Situations
from engine import templates
from engine.moves import Leave, Wait
from engine.readable import empty_in
from engine.templates.scope import NAMES
from storage import journeys as records
from storage.journeys import JourneyRow
from tests.activities.passage import NOW, Passage, email
from tests.records import add_journey


async def begin(passage: Passage, payload: Any, *workflow: dict[str, Any]) -> int:
    """Write the journey of a payload that stands at the delay `pause`."""
    await passage.campaign({"delay": {"id": "pause", "for": "1h"}}, *workflow, trigger="webhook")
    campaign = int(await passage.pool.fetchval("SELECT id FROM campaigns"))
    return await add_journey(passage.pool, passage.workspace, campaign, 0, NOW, data=payload, block="pause")


@pytest.mark.spec("1.03", "1.91", "1.94")
@pytest.mark.parametrize(
    ("payload", "expected"), [([{"total": 12}], "wait"), ([{"total": 3}], "leave"), ("x", "leave")]
)
async def test_a_journey_of_nobody_goes_its_way(passage: Passage, payload: Any, expected: str) -> None:
    fork = {"if": {"data": "[0].total", "at_least": 10}, "then": [{"delay": "1h"}]}
    journey = await begin(passage, payload, {"branch": {"id": "fork", **fork}})
    passage.now = NOW.replace(hour=NOW.hour + 1)
    move = await passage.ask(passage.next_move, journey)
    assert expected == move.kind
    assert isinstance(move, Wait) or (isinstance(move, Leave) and move.reason == "finished")


async def scope(passage: Passage, journey: int) -> templates.Scope:
    async with passage.pool.acquire() as connection:
        row = await records.look(connection, journey)
        assert isinstance(row, JourneyRow)
        campaign = await Situations().campaign(connection, row.campaign_id, row.latest_version)
    return scope_of(campaign, row, next(iter(campaign.plan.blocks.values())), delivery_id="dlv", now=NOW)


@pytest.mark.spec("1.94", "1.95")
@pytest.mark.parametrize(
    ("payload", "source", "expected"),
    [
        ({"order": {"id": 7}}, "{{trigger.order.id}}", "7"),
        ([{"id": 7}, {"id": 8}], "{{trigger[1].id}}", "8"),
        ({}, "|{{customer.first_name}}|{{customer.address.city}}|", "|||"),
        ({"a": 1}, "{{campaign.type}}", "webhook"),
    ],
)
@pytest.mark.parametrize("language", ["liquid", "jinja2"])
async def test_templates_read_the_payload_and_an_empty_person(
    passage: Passage, payload: Any, source: str, expected: str, language: templates.Language
) -> None:
    journey = await begin(passage, payload)
    assert expected == templates.render(source, await scope(passage, journey), language=language)


@pytest.mark.parametrize("trigger", [{"event": "signed_up"}, {"condition": {"in": "paying"}}, "webhook"])
async def test_a_message_can_read_what_the_review_believes(passage: Passage, trigger: Any) -> None:
    await passage.segment("paying", {"attribute": "plan", "equals": "pro"})
    await passage.campaign({"webhook": {"id": "crm", "url": "https://crm.example"}}, trigger=trigger)
    if trigger == "webhook":
        campaign = int(await passage.pool.fetchval("SELECT id FROM campaigns"))
        journey = await add_journey(passage.pool, passage.workspace, campaign, 0, NOW, data={"a": 1}, block="crm")
    else:
        await passage.identify(plan="pro")
        journey = await passage.event()
    read = (await scope(passage, journey)).variables()

    assert NAMES - empty_in(read["campaign"]["type"], is_message=True) == set(read)


async def test_only_events_and_forms_give_an_event_to_templates(passage: Passage) -> None:
    await passage.segment("paying", {"attribute": "plan", "equals": "pro"})
    await passage.campaign(email(), trigger={"condition": {"in": "paying"}})
    await passage.identify(plan="pro")
    it = await scope(passage, int(await passage.pool.fetchval("SELECT id FROM journeys")))
    assert (None, None, None, None) == (it.event, it.event_name, it.event_timestamp, it.trigger)
    assert it.customer is not None
