from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from rich.text import Text

from cli import showing
from storage import tracking
from storage.database import Pool
from tests.cli.management.conftest import NOW, Ask
from tests.records import add_delivery, add_journey, add_person, add_retry


@pytest.fixture
async def ids(ask: Ask, pool: Pool, workspace: int) -> dict[str, str]:
    campaign = await pool.fetchval(
        "INSERT INTO campaigns (workspace_id, key, name, state, latest_version, created_at, updated_at) "
        "VALUES ($1, 'welcome', 'Welcome', 'running', 1, $2, $2) RETURNING id",
        workspace,
        NOW,
    )
    person = await add_person(pool, workspace, NOW, id="ada", email="ada@example.com", plan="pro", tags=["a", "b"])
    journey = await add_journey(pool, workspace, campaign, person, NOW, move={"text": "waits an hour"}, data={"a": 1})
    await pool.execute(
        "INSERT INTO decisions (journey_id, turn, place, at, kind, text, seen) "
        "SELECT $1, turn, 0, $2, 'waiting', 'decision ' || turn, '{\"plan\": \"pro\"}' "
        "FROM generate_series(1, 250) AS turn",
        journey,
        NOW,
    )
    delivery = await add_delivery(pool, workspace, campaign, person, journey, NOW, state="unknown")
    return {"journey": str(journey), "delivery": delivery}


async def test_a_journey_is_shown_with_its_whole_log(ask: Ask, ids: dict[str, str]) -> None:
    shown = await ask("journeys", "show", ids["journey"])

    assert 0 == shown.code, shown.err
    shown_texts = {" ".join(line.split()[2:]) for line in shown.out.splitlines()}
    assert {f"decision {turn}" for turn in range(1, 251)} <= shown_texts
    assert all(part in shown.out for part in ("ada", "welcome", "waits an hour", 'plan: "pro"', ids["delivery"]))


def test_what_a_condition_saw_is_shown_part_by_part() -> None:
    plan = {"holds": False, "text": 'attribute plan is equal to "pro"', "seen": "[free]", "parts": []}
    paying = {"holds": True, "text": "not in segment paying", "seen": None, "parts": []}
    both = {"holds": False, "text": "all of these hold", "seen": None, "parts": [plan, paying]}

    markup = showing.seen({"filters": both, "goal": {"performed": True}})

    assert [
        "✗ filters: all of these hold",
        '  ✗ attribute plan is equal to "pro", seen "[free]"',
        "  ✓ not in segment paying",
        'goal: {"performed":true}',
    ] == Text.from_markup(markup).plain.splitlines()


async def test_a_journey_is_ended_with_a_reason(ask: Ask, ids: dict[str, str], pool: Pool) -> None:
    ended = await ask("journeys", "end", ids["journey"], "--reason", "wrong list")

    assert 0 == ended.code, ended.err
    assert "manual" == await pool.fetchval("SELECT ending FROM journeys")
    assert "wrong list" in await pool.fetchval("SELECT text FROM decisions WHERE kind = 'ending'")


async def test_a_journey_that_has_ended_is_not_said_to_end(ask: Ask, ids: dict[str, str], pool: Pool) -> None:
    await pool.execute("UPDATE journeys SET state = 'exited', exit_reason = 'manual', ended_at = $1", NOW)

    ended = await ask("journeys", "end", ids["journey"])

    said = "The journey has ended already: it exited (manual) at 2026-11-24 12:00:00 UTC. There is nothing to end."
    assert (1, "", said) == (ended.code, ended.out, ended.err)


async def test_an_event_that_waited_for_its_filters_in_vain_is_shown_with_the_reason(
    ask: Ask, ids: dict[str, str], pool: Pool, workspace: int
) -> None:
    campaign, person = [
        await pool.fetchval(f"SELECT {column} FROM journeys") for column in ("campaign_id", "person_id")
    ]
    retry = str(await add_retry(pool, workspace, campaign, person, NOW, NOW))

    ended = await ask("journeys", "end", retry, "--reason", "wrong list")
    shown = await ask("journeys", "show", retry)
    read = await ask("journeys", "show", retry, "--json")

    assert "The event of ada waits no longer; no journey begins.\n" == ended.out
    assert shown.out.startswith(f"Journey {retry} never began: its event waited for the filters, and was refused.\n")
    assert all(part in shown.out for part in ("ada", "welcome", "manual", "wrong list"))
    assert ("refused", int(retry)) == (json.loads(read.out)["state"], json.loads(read.out)["id"])


async def test_the_journeys_of_a_person_are_listed(ask: Ask, ids: dict[str, str]) -> None:
    listed = await ask("journeys", "person", "ada@example.com", "--state", "open", "--json")
    nobody = await ask("journeys", "person", "bob")

    assert [int(ids["journey"])] == [one["id"] for one in json.loads(listed.out)]
    said = 'There is no person "bob". Give an id, an email or cio_… that somebody was identified by.'
    assert (1, said) == (nobody.code, nobody.err)


async def test_a_person_is_shown_with_attributes(ask: Ask, ids: dict[str, str]) -> None:
    shown = await ask("people", "show", "ada")

    assert 0 == shown.code, shown.err
    assert all(part in shown.out for part in ("ada@example.com", "plan", '"pro"', '["a","b"]', "segments"))


async def test_unknown_outcomes_are_listed_and_settled(ask: Ask, ids: dict[str, str], pool: Pool) -> None:
    listed = await ask("deliveries", "list", "--state", "unknown", "--json")
    shown = await ask("deliveries", "show", ids["delivery"])
    resent = await ask("deliveries", "settle", ids["delivery"], "resend")
    dropped = await ask("deliveries", "settle", ids["delivery"], "drop")
    again = await ask("deliveries", "settle", ids["delivery"], "resend")

    assert [ids["delivery"]] == [one["id"] for one in json.loads(listed.out)]
    assert "<p>Hello</p>" in shown.out
    assert [0, 0, 1] == [answer.code for answer in (resent, dropped, again)]
    assert "undeliverable" in again.err
    assert "undeliverable" == await pool.fetchval("SELECT state FROM deliveries")


async def test_a_message_is_shown_with_what_its_recipient_did(ask: Ask, ids: dict[str, str], pool: Pool) -> None:
    async with pool.acquire() as connection:
        for sku in ("7", "7", "8"):
            await tracking.clicked(connection, ids["delivery"], f"https://shop.example/?sku={sku}", now=NOW)

    shown = await ask("deliveries", "show", ids["delivery"])

    lines = [" ".join(line.split()) for line in shown.out.splitlines()]
    at = "2026-11-24 12:00:00"
    assert {f"opened {at} (known by a click)", f"clicked {at}"} <= set(lines)
    assert [f"{times} {at} https://shop.example/?sku={sku}" for times, sku in ((2, 7), (1, 8))] == [
        line for line in lines if "shop.example" in line
    ]


async def test_the_times_of_a_message_stand_in_the_order_in_which_they_came(
    ask: Ask, ids: dict[str, str], pool: Pool
) -> None:
    after = {"sent": 1, "opened": 3, "clicked": 3, "attempted": 1, "delivered": 2, "converted": 9}
    times = {state: (NOW + timedelta(minutes=minutes)).isoformat() for state, minutes in after.items()}
    await pool.execute("UPDATE deliveries SET times = $1", times)

    shown = await ask("deliveries", "show", ids["delivery"])
    read = json.loads((await ask("deliveries", "show", ids["delivery"], "--json")).out)

    order = ["attempted", "sent", "delivered", "opened", "clicked", "converted"]
    assert order == list(read["times"])
    assert order == re.findall(r"^(\w+) +2026-11-24 12:0[1-9]", shown.out, re.MULTILINE)


async def test_a_message_of_a_test_says_which_of_the_two_it_is(ask: Ask, ids: dict[str, str], pool: Pool) -> None:
    await pool.execute("UPDATE deliveries SET arm = 'variation'")

    shown = await ask("deliveries", "show", ids["delivery"])
    listed = await ask("deliveries", "list")

    assert "block nudge (variation)" in shown.out
    assert "(variation)" in listed.out


async def test_a_long_list_is_read_page_by_page(ask: Ask, ids: dict[str, str], pool: Pool, workspace: int) -> None:
    for _ in range(205):
        await add_person(pool, workspace, NOW, id=None)
    await pool.execute(
        "INSERT INTO segments (workspace_id, key, name, kind, state, created_at, updated_at) "
        "VALUES ($1, 'all', 'All', 'manual', 'ready', $2, $2)",
        workspace,
        NOW,
    )
    await pool.execute("INSERT INTO segment_members SELECT s.id, p.id, $1 FROM segments s, people p", NOW)

    members = [await ask("segments", "members", "all", "--json", "--limit", str(most)) for most in (1000, 203, 1)]

    assert [206, 203, 1] == [len(json.loads(found.out)) for found in members]
    assert "206" in (await ask("segments", "show", "all")).out


async def test_a_condition_is_shown_with_what_it_asks_about_first(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "gold.yaml").write_text("name: Gold\ncondition: {attribute: tier, equals: gold}\n")
    await ask("segments", "apply", str(tmp_path))

    shown = await ask("segments", "show", "gold")

    assert '{"attribute":"tier","equals":"gold"}' in shown.out
