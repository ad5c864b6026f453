from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from storage.database import Pool
from storage.pages import STRETCH
from tests.api.conftest import NOW
from tests.records import add_delivery, add_journey, add_person, add_retry


@pytest.fixture
async def campaign(manage: httpx.AsyncClient, pool: Pool) -> int:
    document = {"name": "Welcome", "trigger": {"event": "signed_up"}, "workflow": [{"delay": "1h"}]}
    assert 200 == (await manage.put("/campaigns/welcome", json=document)).status_code
    return int(await pool.fetchval("SELECT id FROM campaigns"))


@pytest.fixture
async def ada(pool: Pool, workspace: int) -> int:
    return await add_person(pool, workspace, NOW, id="ada", email="ada@example.com")


async def decide(pool: Pool, journey: int, turn: int, place: int, text: str, **seen: Any) -> None:
    await pool.execute(
        "INSERT INTO decisions (journey_id, turn, place, at, kind, block, text, seen) "
        "VALUES ($1, $2, $3, $4, 'waiting', 'start.delay', $5, $6)",
        journey,
        turn,
        place,
        NOW,
        text,
        seen,
    )


@pytest.mark.spec("9.01")
async def test_a_journey_shows_every_decision_in_order_with_what_was_seen_and_its_messages(
    manage: httpx.AsyncClient, pool: Pool, workspace: int, campaign: int, ada: int
) -> None:
    move = {"kind": "wait", "turn": 1, "until": "2026-11-24T13:00:00Z", "text": "start.delay: until 13:00"}
    journey = await add_journey(
        pool, workspace, campaign, ada, NOW, due_at=NOW + timedelta(hours=1), move=move, data={"plan": "pro"}
    )
    await decide(pool, journey, 2, 0, "sends")
    await decide(pool, journey, 1, 1, "waits an hour")
    await decide(pool, journey, 1, 0, "enters", plan="pro")
    delivery = await add_delivery(pool, workspace, campaign, ada, journey, NOW)

    shown = (await manage.get(f"/journeys/{journey}")).json()

    assert ["enters", "waits an hour", "sends"] == [one["text"] for one in shown["decisions"]]
    assert {"plan": "pro"} == shown["decisions"][0]["seen"]
    assert [delivery] == [one["id"] for one in shown["deliveries"]]
    assert ("running", "start.delay", "start.delay: until 13:00", "2026-11-24T13:00:00Z") == (
        shown["state"],
        shown["block"],
        shown["doing"],
        shown["due_at"],
    )
    assert f"journey:{workspace}:{campaign}:{ada}:e{journey}" == shown["workflow_id"]
    assert ("signed_up", {"plan": "pro"}, "ada@example.com") == (
        shown["event"]["name"],
        shown["event_data"],
        shown["person"]["email"],
    )


async def test_a_long_log_is_read_in_pages(
    manage: httpx.AsyncClient, pool: Pool, workspace: int, campaign: int, ada: int
) -> None:
    journey = await add_journey(pool, workspace, campaign, ada, NOW)
    await pool.execute(
        "INSERT INTO decisions (journey_id, turn, place, at, kind, text) "
        "SELECT $1, turn, place, $2, 'waiting', turn || '.' || place "
        "FROM generate_series(1, 151) AS turn, generate_series(0, 1) AS place",
        journey,
        NOW,
    )

    first = (await manage.get(f"/journeys/{journey}")).json()
    rest = (await manage.get(f"/journeys/{journey}", params={"decisions_after": first["next_decisions"]})).json()

    texts = [one["text"] for one in first["decisions"] + rest["decisions"]]
    assert [f"{turn}.{place}" for turn in range(1, 152) for place in (0, 1)] == texts
    assert None is rest["next_decisions"]


@pytest.mark.spec("9.01")
async def test_journeys_are_listed_per_campaign_and_per_person_the_newest_first(
    manage: httpx.AsyncClient, pool: Pool, workspace: int, campaign: int, ada: int
) -> None:
    ids = [await add_journey(pool, workspace, campaign, ada, NOW) for _ in range(3)]

    for path in ("/campaigns/welcome/journeys", "/people/ada/journeys"):
        first = (await manage.get(path, params={"limit": 2})).json()
        rest = (await manage.get(path, params={"limit": 2, "cursor": first["next"]})).json()

        assert (ids[:0:-1], ids[:1], None) == (
            [one["id"] for one in first["items"]],
            [one["id"] for one in rest["items"]],
            rest["next"],
        )


@pytest.mark.spec("9.04", "9.06")
async def test_journeys_are_listed_by_state(
    manage: httpx.AsyncClient, pool: Pool, workspace: int, campaign: int, ada: int
) -> None:
    running = await add_journey(pool, workspace, campaign, ada, NOW)
    finished = await add_journey(pool, workspace, campaign, ada, NOW, state="finished")
    exited = await add_journey(pool, workspace, campaign, ada, NOW, state="exited", exit_reason="goal")
    grace = await add_journey(pool, workspace, campaign, ada, NOW, state="grace")

    for path in ("/campaigns/welcome/journeys", "/people/ada/journeys"):
        found = {
            state: [one["id"] for one in (await manage.get(path, params={"state": state})).json()["items"]]
            for state in ("open", "running", "grace", "finished", "exited", "waiting_for_filters")
        }
        assert {
            "open": [grace, running],
            "running": [running],
            "grace": [grace],
            "finished": [finished],
            "exited": [exited],
            "waiting_for_filters": [],
        } == found
    assert 422 == (await manage.get("/campaigns/welcome/journeys?state=asleep")).status_code


async def test_a_filtered_list_looks_at_a_bounded_stretch_and_goes_on_behind_it(
    manage: httpx.AsyncClient, pool: Pool, workspace: int, campaign: int, ada: int
) -> None:
    rare = await add_journey(pool, workspace, campaign, ada, NOW, state="exited", exit_reason="goal")
    await pool.execute(
        "INSERT INTO journeys (id, workspace_id, campaign_id, person_id, occurrence, state, version, started_at) "
        "SELECT id, $1, $2, $3, 'e' || id, 'finished', 1, $4 "
        "FROM generate_series(1, $5) AS n CROSS JOIN LATERAL nextval('journey_ids' || left(n::text, 0)) AS id",
        workspace,
        campaign,
        ada,
        NOW,
        STRETCH,
    )

    first = (await manage.get("/campaigns/welcome/journeys?state=exited")).json()
    rest = (await manage.get("/campaigns/welcome/journeys", params={"state": "exited", "cursor": first["next"]})).json()

    assert ([], [rare], None) == (first["items"], [one["id"] for one in rest["items"]], rest["next"])


@pytest.mark.spec("9.03")
async def test_an_event_that_waits_for_filters_is_shown_so(
    manage: httpx.AsyncClient, pool: Pool, workspace: int, campaign: int, ada: int
) -> None:
    retry = await add_retry(pool, workspace, campaign, ada, NOW, NOW + timedelta(minutes=30))
    journey = await add_journey(pool, workspace, campaign, ada, NOW)

    shown = (await manage.get(f"/journeys/{retry}")).json()
    listed = (await manage.get("/campaigns/welcome/journeys")).json()["items"]
    waiting = (await manage.get("/campaigns/welcome/journeys?state=waiting_for_filters")).json()["items"]

    assert ("waiting_for_filters", "waiting for filters until 2026-11-24 12:30:00 UTC") == (
        shown["state"],
        shown["doing"],
    )
    assert ([journey, retry], [retry]) == ([one["id"] for one in listed], [one["id"] for one in waiting])
    assert 0 == await pool.fetchval("SELECT count(*) FROM journeys WHERE id = $1", retry)


async def test_refusals_are_listed_with_their_reason_the_latest_first(
    manage: httpx.AsyncClient, pool: Pool, workspace: int, campaign: int, ada: int
) -> None:
    for number, minute in ((1, 5), (2, 0), (3, 5)):
        await pool.execute(
            "INSERT INTO refusals (campaign_id, person_id, occurrence, workspace_id, at, reason, seen) "
            "VALUES ($1, $2, 'e' || $3::int, $4, $5, 'frequency', '{\"last\": 1}')",
            campaign,
            ada,
            number,
            workspace,
            NOW + timedelta(minutes=minute, microseconds=1),
        )

    for path in ("/campaigns/welcome/refusals", "/people/ada/refusals"):
        first = (await manage.get(path, params={"limit": 2})).json()
        rest = (await manage.get(path, params={"cursor": first["next"]})).json()

        assert (["e3", "e1"], ["e2"], None) == (
            [one["occurrence"] for one in first["items"]],
            [one["occurrence"] for one in rest["items"]],
            rest["next"],
        )
        assert ("frequency", {"last": 1}) == (first["items"][0]["reason"], first["items"][0]["seen"])


async def test_a_journey_ends_by_one_signal_with_the_reason_in_its_log(
    manage: httpx.AsyncClient, pool: Pool, workspace: int, campaign: int, ada: int
) -> None:
    journey = await add_journey(pool, workspace, campaign, ada, NOW)
    await decide(pool, journey, 1, 0, "waits")

    answers = [await manage.post(f"/journeys/{journey}/end", json={"reason": "wrong list"}) for _ in range(2)]

    assert [200, 200] == [answer.status_code for answer in answers]
    sent = await pool.fetch("SELECT workflow_id, payload FROM outbox")
    assert [(f"journey:{workspace}:{campaign}:{ada}:e{journey}", {"signal": "end", "argument": "manual"})] == [
        (row["workflow_id"], row["payload"]) for row in sent
    ]
    assert "manual" == await pool.fetchval("SELECT ending FROM journeys")
    assert ["waits", "An operator ends the journey: wrong list"] == [
        one["text"] for one in answers[1].json()["decisions"]
    ]
    assert "being ended by an operator" == answers[0].json()["doing"]


async def test_an_end_needs_no_body_and_is_refused_for_a_journey_that_is_over(
    manage: httpx.AsyncClient, pool: Pool, workspace: int, campaign: int, ada: int
) -> None:
    running = await add_journey(pool, workspace, campaign, ada, NOW)
    finished = await add_journey(pool, workspace, campaign, ada, NOW, state="finished")
    ended = await add_journey(pool, workspace, campaign, ada, NOW, state="exited", exit_reason="manual")

    answers = [await manage.post(f"/journeys/{journey}/end") for journey in (running, finished, ended, 999)]

    assert [200, 409, 409, 404] == [answer.status_code for answer in answers]
    assert [
        "The journey has ended already: it finished at 2026-11-24 12:00:00 UTC. There is nothing to end.",
        "The journey has ended already: it exited (manual) at 2026-11-24 12:00:00 UTC. There is nothing to end.",
    ] == [answer.json()["message"] for answer in answers[1:3]]
    assert 1 == await pool.fetchval("SELECT count(*) FROM outbox")


async def test_ending_a_wait_for_filters_refuses_the_event(
    manage: httpx.AsyncClient, pool: Pool, workspace: int, campaign: int, ada: int
) -> None:
    retry = await add_retry(pool, workspace, campaign, ada, NOW, NOW + timedelta(minutes=30))

    answer = await manage.post(f"/journeys/{retry}/end", json={"reason": "a test"})

    refusals = (await manage.get("/people/ada/refusals")).json()["items"]
    assert (200, [("manual", {"note": "a test"})]) == (
        answer.status_code,
        [(one["reason"], one["seen"]) for one in refusals],
    )
    assert {"signal": "look_again"} == {
        "signal": (await pool.fetchval("SELECT payload FROM outbox WHERE kind = 'signal'"))["signal"]
    }


async def test_the_number_of_an_event_that_waited_in_vain_is_answered_with_its_refusal(
    manage: httpx.AsyncClient, pool: Pool, workspace: int, campaign: int, ada: int
) -> None:
    retry = await add_retry(pool, workspace, campaign, ada, NOW, NOW + timedelta(minutes=30))

    ended = (await manage.post(f"/journeys/{retry}/end", json={"reason": "a test"})).json()
    shown = (await manage.get(f"/journeys/{retry}")).json()
    again = await manage.post(f"/journeys/{retry}/end")

    [refusal] = (await manage.get("/people/ada/refusals")).json()["items"]
    assert {**refusal, "id": retry, "state": "refused"} == shown
    assert shown == ended
    assert (
        409,
        "No journey began: the event was refused at 2026-11-24 12:00:00 UTC (manual). There is nothing to end.",
    ) == (
        again.status_code,
        again.json()["message"],
    )


async def test_journeys_of_a_deleted_person_stay_without_a_name(
    manage: httpx.AsyncClient, pool: Pool, workspace: int, campaign: int, ada: int
) -> None:
    journey = await add_journey(pool, workspace, campaign, ada, NOW)
    await pool.execute("DELETE FROM people")

    shown = (await manage.get(f"/journeys/{journey}")).json()

    assert {"id": None, "email": None, "cio_id": None} == shown["person"]


async def test_a_cursor_of_another_list_is_refused(manage: httpx.AsyncClient, campaign: int) -> None:
    for cursor in ("!!", "bnVsbA", "WyJhIl0", "WzFlNDAwXQ"):
        answer = await manage.get("/campaigns/welcome/journeys", params={"cursor": cursor})
        assert (400, "cursor") == (answer.status_code, answer.json()["faults"][0]["place"])
