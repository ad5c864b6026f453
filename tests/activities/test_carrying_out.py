"""What data blocks bring about: events, memberships, many people at once; each once per visit."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities import finding
from activities.finding import MOST, find
from engine import conditions
from engine.conditions import Condition, Scope
from engine.moves import Act, Leave
from storage import keys
from storage.database import Record
from tests.activities.passage import NOW, Passage, email, left


async def due(passage: Passage, *workflow: dict[str, Any], data: dict[str, Any] | None = None, **document: Any) -> int:
    await passage.campaign(*workflow, **document)
    await passage.identify()
    return await passage.event(data=data)


async def events(passage: Passage) -> list[Record]:
    rows: list[Record] = await passage.pool.fetch(
        "SELECT e.name, e.data, e.depth, p.external_id, p.email FROM events e JOIN people p ON p.id = e.person_id "
        "WHERE e.name <> 'signed_up' ORDER BY e.id"
    )
    return rows


async def inbox(passage: Passage) -> list[Record]:
    rows: list[Record] = await passage.pool.fetch("SELECT workspace_id, kind, payload FROM inbox ORDER BY id")
    return rows


async def reason(passage: Passage) -> str:
    """Return why the block failed."""
    seen: dict[str, Any] = await passage.pool.fetchval("SELECT seen FROM decisions WHERE kind = 'failed'")
    return str(seen["reason"])


@pytest.mark.spec("6.49", "6.50")
async def test_an_event_of_the_person_counts_like_any_other(passage: Passage) -> None:
    tell = {"send_event": {"id": "tell", "event": "won", "data": {"of": "{{event.order}}"}}}
    journey = await due(passage, tell, email(), goal={"event": "won"}, exit="goal", data={"order": 7})
    move = await passage.ask(passage.act, journey, block="tell")
    assert "goal" == left(move)
    assert [("won", {"of": 7}, 1, "ada")] == [tuple(row)[:4] for row in await events(passage)]
    assert ["entered", "due", "changed", "exited"] == await passage.log(journey)


@pytest.mark.spec("6.49")
async def test_an_event_may_be_somebody_elses_who_is_made_if_unknown(passage: Passage) -> None:
    tell = {"send_event": {"id": "tell", "event": "invited", "person": {"email": "{{event.friend}}"}}}
    journey = await due(passage, tell, data={"friend": "bob@example.com"})
    await passage.ask(passage.act, journey, block="tell")
    assert [("invited", "bob@example.com")] == [(row["name"], row["email"]) for row in await events(passage)]


@pytest.mark.spec("6.50")
async def test_an_event_is_one_campaign_deeper_than_the_one_that_began_the_journey(passage: Passage) -> None:
    journey = await due(passage, {"send_event": {"id": "tell", "event": "won"}})
    await passage.pool.execute("UPDATE journeys SET depth = 9")
    await passage.ask(passage.act, journey, block="tell")
    assert [10] == [row["depth"] for row in await events(passage)]


@pytest.mark.spec("6.49")
@pytest.mark.parametrize(
    ("fields", "who"), [({}, {"id": "ada"}), ({"person": {"email": "a@b.example"}}, {"email": "a@b.example"})]
)
async def test_an_event_for_another_workspace_goes_into_its_inbox(
    passage: Passage, fields: dict[str, Any], who: dict[str, str]
) -> None:
    async with passage.pool.acquire() as connection:
        partners = await keys.open_workspace(connection, "Partners", now=NOW)
    tell = {"send_event": {"id": "tell", "event": "referred", "workspace": "Partners", **fields}}
    journey = await due(passage, tell)
    assert "finished" == left(await passage.ask(passage.act, journey, block="tell"))
    (row,) = await inbox(passage)
    payload = {"who": who, "type": "event", "name": "referred", "data": {}, "depth": 1}
    assert (partners, "event", payload) == tuple(row)
    assert [] == await events(passage)


async def test_a_workspace_that_is_not_there_fails_the_block(passage: Passage) -> None:
    journey = await due(passage, {"send_event": {"id": "tell", "event": "referred", "workspace": "Nowhere"}})
    assert "finished" == left(await passage.ask(passage.act, journey, block="tell"))
    assert "There is no workspace 'Nowhere'" in await reason(passage)


@pytest.mark.spec("6.51")
async def test_the_person_joins_a_manual_segment_and_leaves_it(passage: Passage) -> None:
    await passage.manual("vip")
    fork = {"branch": {"id": "fork", "if": {"in": "vip"}, "then": [{"update_segment": {"id": "out", "remove": "vip"}}]}}
    journey = await due(passage, {"update_segment": {"id": "in", "add": "vip"}}, fork)
    move = await passage.ask(passage.act, journey, block="in")
    assert isinstance(move, Act)
    assert ("out", 1) == (move.block, await passage.pool.fetchval("SELECT count(*) FROM segment_members"))
    await passage.ask(passage.act, journey, move.turn, block="out")
    assert 0 == await passage.pool.fetchval("SELECT count(*) FROM segment_members")


@pytest.mark.spec("6.51")
@pytest.mark.parametrize("fate", ["DELETE FROM segments", "UPDATE segments SET state = 'archived'"])
async def test_a_manual_segment_that_is_gone_since_the_start_fails_the_block_alone(passage: Passage, fate: str) -> None:
    await passage.manual("vip")
    journey = await due(passage, {"update_segment": {"id": "in", "add": "vip"}})
    await passage.pool.execute(fate)
    await passage.pool.execute("UPDATE definitions SET version = version + 1")
    assert "finished" == left(await passage.ask(passage.act, journey, block="in"))
    assert "no manual segment 'vip'" in await reason(passage)


@pytest.mark.spec("6.52")
async def test_many_people_are_found_by_values_of_the_trigger_and_changed_once(passage: Passage) -> None:
    for person, plan in {"bob": "pro", "carol": "free", "dan": "pro"}.items():
        await passage.identify(person, plan=plan)
    many = {
        "id": "many",
        "people": {"attribute": "plan", "equals": "{{event.plan}}"},
        "set": {"price": "{{event.price}}"},
        "remove": ["discount"],
    }
    journey = await due(passage, {"batch_update": many}, data={"plan": "pro", "price": 9})
    first = await passage.ask(passage.act, journey, block="many")
    assert first == await passage.ask(passage.act, journey, block="many")
    named = {row["external_id"]: row["cio_id"] for row in await passage.pool.fetch("SELECT * FROM people")}
    attributes = {"price": 9, "discount": None}
    assert [
        ("identify", {"who": {"cio_id": named[person]}, "attributes": attributes, "depth": 1})
        for person in ("bob", "dan")
    ] == [tuple(row)[1:] for row in await inbox(passage)]
    assert ["entered", "due", "changed", "finished"] == await passage.log(journey)


@pytest.mark.spec("6.52")
async def test_each_of_many_people_performs_an_event(passage: Passage) -> None:
    await passage.identify("bob", shop="Rome")
    many = {
        "people": {"attribute": "shop", "exists": True},
        "event": "shop_closed",
        "data": {"until": "{{event.until}}"},
    }
    journey = await due(passage, {"batch_update": {"id": "many", **many}}, data={"until": "May"})
    await passage.ask(passage.act, journey, block="many")
    (row,) = await inbox(passage)
    assert ("event", "shop_closed", {"until": "May"}) == (
        row["kind"],
        row["payload"]["name"],
        row["payload"]["data"],
    )


@pytest.mark.spec("6.52")
async def test_of_too_many_the_first_are_taken_and_the_log_says_so(
    passage: Passage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 1000 == MOST
    monkeypatch.setattr(finding, "MOST", 2)
    for person in ("bob", "carol", "dan"):
        await passage.identify(person, plan="pro")
    many = {"id": "many", "people": {"attribute": "plan", "equals": "pro"}, "set": {"x": 1}}
    journey = await due(passage, {"batch_update": many})
    await passage.ask(passage.act, journey, block="many")
    first = await passage.pool.fetch("SELECT cio_id FROM people ORDER BY id LIMIT 2")
    assert [row["cio_id"] for row in first] == [row["payload"]["who"]["cio_id"] for row in await inbox(passage)]
    assert ["entered", "due", "changed", "left_out", "finished"] == await passage.log(journey)


async def test_a_condition_that_cannot_be_filled_in_fails_the_block(passage: Passage) -> None:
    many = {"id": "many", "people": {"attribute": "n", "at_least": "{{event.n}}"}, "set": {"x": 1}}
    journey = await due(passage, {"batch_update": many}, data={"n": "many"})
    assert isinstance(await passage.ask(passage.act, journey, block="many"), Leave)
    assert "is not a number" in await reason(passage)
    assert [] == await inbox(passage)


@pytest.mark.spec("6.48")
@pytest.mark.parametrize("identifier", [{}, {"user": ""}, {"user": "  "}])
async def test_an_empty_identifier_fails_the_block_and_the_journey_goes_on(
    passage: Passage, identifier: dict[str, str]
) -> None:
    named = {"person": {"id": "{{event.user}}"}, "set": {"x": 1}}
    journey = await due(passage, {"update_person": {"id": "mark", **named}}, email(), data=identifier)
    assert "send" == (await passage.ask(passage.act, journey, block="mark")).kind
    assert await reason(passage)


def condition(document: Any) -> Condition:
    found = conditions.parse(document, place="", scope=Scope.PEOPLE, faults=[])
    assert found is not None
    return found


async def test_people_are_found_by_attributes_identifiers_and_segments(passage: Passage) -> None:
    await passage.segment("adults", {"attribute": "age", "at_least": 18})
    for person, age in {"ada": 36, "bob": 12, "carol": "40", "dan": None}.items():
        await passage.identify(person, **({} if age is None else {"age": age}))
    asked: dict[str, tuple[Any, set[str]]] = {
        "segment": ({"in": "adults"}, {"ada", "carol"}),
        "not in it": ({"not_in": "adults"}, {"bob", "dan"}),
        "one that is not there": ({"in": "nobody"}, set()),
        "number as text, which only Python reads": ({"attribute": "age", "greater_than": 36}, {"carol"}),
        "pattern": ({"attribute": "email", "matches": "(ada|dan)@.*"}, {"ada", "dan"}),
        "id": ({"attribute": "id", "equals": "bob"}, {"bob"}),
    }
    names = {row["cio_id"]: row["external_id"] for row in await passage.pool.fetch("SELECT * FROM people")}
    async with passage.pool.acquire() as connection:
        found = {
            why: {
                names[one] for one in (await find(connection, passage.workspace, condition(document), now=NOW)).cio_ids
            }
            for why, (document, _) in asked.items()
        }
    assert {why: expected for why, (_, expected) in asked.items()} == found


async def test_people_are_looked_for_page_by_page(passage: Passage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST", 2)
    for number in range(7):
        await passage.identify(f"p{number}", code="yes" if number in (4, 6) else "no")
    async with passage.pool.acquire() as connection:
        asked = condition({"attribute": "code", "matches": "y.*"})
        found = await find(connection, passage.workspace, asked, now=NOW)
    assert (2, False) == (len(found.cio_ids), found.is_cut_short)


async def test_nobody_is_looked_for_while_a_segment_is_being_built(passage: Passage) -> None:
    await passage.segment("adults", {"attribute": "age", "at_least": 18})
    await passage.pool.execute("UPDATE segments SET state = 'building'")
    async with passage.pool.acquire() as connection:
        with pytest.raises(ApplicationError):
            await find(connection, passage.workspace, condition({"in": "adults"}), now=NOW)
