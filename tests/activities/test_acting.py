"""Data blocks change people, in one transaction with the decision what comes next."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from activities import acting
from engine.errors import ConfigurationError, NotFound
from engine.moves import Leave
from tests.activities.passage import Passage, email, left


async def _attributes(passage: Passage, person: str = "ada") -> dict[str, object]:
    found: dict[str, object] = await passage.pool.fetchval(
        "SELECT attributes FROM people WHERE external_id = $1", person
    )
    return found


def update(**fields: object) -> dict[str, object]:
    return {"update_person": {"id": "mark"} | fields}


@pytest.mark.spec("6.45", "6.46")
async def test_attributes_are_set_and_removed(passage: Passage) -> None:
    await passage.campaign(update(set={"stage": "{{event.stage}}"}, remove=["trial"]))
    await passage.identify(trial=True)
    journey = await passage.event(data={"stage": "won"})
    move = await passage.ask(passage.act, journey, block="mark")
    assert ("leave", {"stage": "won"}) == (move.kind, await _attributes(passage))
    assert ["entered", "due", "changed", "finished"] == await passage.log(journey)


@pytest.mark.spec("6.45")
async def test_another_person_is_made_if_unknown(passage: Passage) -> None:
    await passage.campaign(update(set={"invited_by": "{{customer.id}}"}, person={"id": "{{event.friend}}"}))
    await passage.identify()
    journey = await passage.event(data={"friend": "bob"})
    await passage.ask(passage.act, journey, block="mark")
    assert {"invited_by": "ada"} == await _attributes(passage, "bob")


@pytest.mark.spec("6.47")
async def test_the_next_block_sees_the_change(passage: Passage) -> None:
    branch = {
        "branch": {"id": "fork", "if": {"attribute": "stage", "equals": "won"}, "then": [email("congratulations")]}
    }
    await passage.campaign(update(set={"stage": "won"}), branch)
    await passage.identify()
    journey = await passage.event()
    move = await passage.ask(passage.act, journey, block="mark")
    assert ("send", "congratulations") == (move.kind, move.block)  # type: ignore[union-attr]  # a Send


async def test_asked_again_it_changes_nothing(passage: Passage) -> None:
    await passage.campaign(update(set={"stage": "won"}))
    await passage.identify()
    journey = await passage.event()
    first = await passage.ask(passage.act, journey, block="mark")
    await passage.identify(stage="lost")
    assert (first, "lost") == (
        await passage.ask(passage.act, journey, block="mark"),
        (await _attributes(passage))["stage"],
    )


async def test_a_change_that_cannot_be_made_is_logged_and_the_journey_goes_on(passage: Passage) -> None:
    await passage.campaign(update(set={"stage": "{{customer.missing}}"}))
    await passage.identify()
    journey = await passage.event()
    assert isinstance(await passage.ask(passage.act, journey, block="mark"), Leave)
    assert "failed" in await passage.log(journey)


@pytest.mark.parametrize("fault", [ConfigurationError("no partition"), NotFound("no such version"), OSError("away")])
async def test_what_is_not_the_values_fault_is_tried_again(
    passage: Passage, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    await passage.campaign(update(set={"stage": "won"}))
    await passage.identify()
    journey = await passage.event()

    async def fail(*_: object, **__: object) -> None:
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(passage.processor, "process", fail)
        with pytest.raises(type(fault)):
            await passage.ask(passage.act, journey, block="mark")
    await passage.ask(passage.act, journey, block="mark")
    assert ({"stage": "won"}, False) == (await _attributes(passage), "failed" in await passage.log(journey))


async def test_a_stopped_campaign_changes_nobody(passage: Passage) -> None:
    await passage.campaign(update(set={"stage": "won"}))
    await passage.identify()
    journey = await passage.event()
    await passage.stop()
    move = await passage.ask(passage.act, journey, block="mark")
    assert ("campaign_stopped", {}) == (left(move), await _attributes(passage))


async def test_a_change_made_while_the_campaign_is_being_stopped_is_taken_back(
    passage: Passage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await passage.campaign(update(set={"stage": "won"}))
    await passage.identify()
    journey = await passage.event()
    process = passage.processor.process

    async def stopped(*arguments: object, **keywords: object) -> object:
        monkeypatch.setattr(passage.processor, "process", process)
        done = await process(*arguments, **keywords)  # type: ignore[arg-type]  # as it was called
        await passage.pool.execute("UPDATE journeys SET ending = 'manual'")
        return done

    monkeypatch.setattr(passage.processor, "process", stopped)
    move = await passage.ask(passage.act, journey, block="mark")
    assert ("manual", {}) == (left(move), await _attributes(passage))


async def test_a_change_counts_on_from_what_others_have_written_meanwhile(passage: Passage) -> None:
    await passage.campaign(update(set={"n": "{{customer.n | plus: 1}}"}))
    await passage.identify(n=0)
    journey = await passage.event()
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with passage.pool.acquire() as other, other.transaction(), asyncio.timeout(10):
        await other.execute("UPDATE people SET attributes = '{\"n\": 1}'")
        change = asyncio.create_task(passage.ask(passage.act, journey, block="mark"))
        while not await passage.pool.fetchval(waiting):
            await asyncio.sleep(0)
    await change
    assert "2" == str((await _attributes(passage))["n"])


async def test_two_changes_that_would_give_addresses_of_each_other_do_not_wait_for_each_other(
    passage: Passage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has the address that a change would give is locked with the person of the journey."""
    await passage.campaign(update(set={"email": "{{event.other}}"}))
    journeys = []
    for person, other in (("ada", "BOB@example.com"), ("bob", "ADA@example.com")):
        await passage.identify(person)
        journeys.append(await passage.event(data={"other": other}, person=person))
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    lock, locked = acting._lock, []

    async def meet(*arguments: Any) -> None:
        await lock(*arguments)
        locked.append(arguments)
        while len(locked) == 1 and not await passage.pool.fetchval(waiting):
            await asyncio.sleep(0)

    monkeypatch.setattr(acting, "_lock", meet)
    async with asyncio.timeout(10):
        moves = await asyncio.gather(*(passage.ask(passage.act, journey, block="mark") for journey in journeys))

    assert ["leave", "leave"] == [move.kind for move in moves]
