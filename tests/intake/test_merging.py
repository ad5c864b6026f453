"""Two identities turn out to be one person (behaviour 16.10, 17.14)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from intake import interventions, recovery, segment_lifecycle
from intake.retention import drop_partitions
from storage import journeys as records
from storage.inbox import Input
from tests.intake.scene import Scene


def merge(scene: Scene, primary: str = "ada", secondary: str = "old") -> Input:
    return scene.input("merge", primary={"id": primary}, secondary={"id": secondary})


async def journeys(scene: Scene) -> list[tuple[str, str | None, str]]:
    """Return campaign, person and state of every journey, oldest first."""
    rows = await scene.rows(
        "SELECT c.key, p.external_id, j.state FROM journeys j JOIN campaigns c ON c.id = j.campaign_id "
        "LEFT JOIN people p ON p.id = j.person_id ORDER BY j.id"
    )
    return [(row["key"], row["external_id"], row["state"]) for row in rows]


async def signals(scene: Scene) -> list[tuple[str, str]]:
    rows = await scene.rows("SELECT workflow_id, payload FROM outbox WHERE kind = 'signal' ORDER BY id")
    return [(row["workflow_id"], row["payload"]["signal"]) for row in rows]


async def test_the_primary_keeps_what_they_have_and_gets_what_they_lack(scene: Scene) -> None:
    await scene.send(
        scene.identify("ada", plan="pro", note="", tags=["a"]),
        scene.identify("old", email="ada@example.com", plan="free", note="yes", city="Bern", anonymous_id="anon"),
        merge(scene),
    )

    assert [
        ("ada", "ada@example.com", {"plan": "pro", "note": "yes", "city": "Bern", "tags": ["a"]})
    ] == await scene.people()
    assert "anon" == await scene.one("SELECT anonymous_id FROM people")


async def test_identifiers_that_the_primary_has_already_are_free_again(scene: Scene) -> None:
    await scene.send(scene.identify("ada", email="ada@example.com"), scene.identify("old", email="old@example.com"))
    await scene.send(merge(scene))

    await scene.send(scene.identify("old", email="old@example.com"))

    assert [("ada", "ada@example.com"), ("old", "old@example.com")] == [one[:2] for one in await scene.people()]


@pytest.mark.parametrize(("primary", "secondary"), [("nobody", "old"), ("ada", "nobody"), ("ada", "ada")])
async def test_without_two_known_people_nothing_happens(scene: Scene, primary: str, secondary: str) -> None:
    await scene.send(scene.identify("ada", plan="pro"), scene.identify("old", plan="free"))
    before = await scene.people()

    await scene.send(merge(scene, primary, secondary))

    assert before == await scene.people()
    assert 0 == await scene.one("SELECT count(*) FROM inbox_rejects")


async def test_events_of_thirty_days_go_over_count_and_start_nothing(scene: Scene) -> None:
    await scene.segment("buyers", {"performed": {"event": "bought", "exactly": 2}})
    await scene.send(scene.identify("old"), scene.event("old", "bought"))
    await scene.advance(days=20)
    await scene.send(scene.event("old", "bought"))
    await scene.advance(days=11)
    await scene.send(scene.identify("ada"), scene.event("ada", "bought"))
    await scene.campaign("thanks")
    assert ["old"] == await scene.members("buyers")

    await scene.send(merge(scene))

    assert ["ada"] == await scene.members("buyers")
    assert [] == await scene.entered("thanks")
    owned = await scene.one("SELECT count(*) FROM events JOIN people p ON p.id = person_id WHERE p.external_id = 'ada'")
    assert (2, 2) == (owned, await scene.one("SELECT count(*) FROM events"))


@pytest.mark.spec("3.08")
@pytest.mark.parametrize("where", [{}, {"where": {"path": "item", "matches": "sho.*"}}])
async def test_what_the_primary_did_counts_although_its_events_are_not_kept_any_more(
    scene: Scene, where: dict[str, Any]
) -> None:
    """They bought twice in March and once in May, the secondary once in May, and early in June for the future."""
    often: dict[str, dict[str, Any]] = {
        "four": {"exactly": 4},
        "five": {"exactly": 5},
        "lately": {"at_least": 4, "within": "90d"},
    }
    for key, asked in often.items():
        await scene.segment(key, {"performed": {"event": "bought", **asked, **where}})
    bought: dict[str, Any] = {"data": {"item": "shoes"}}
    await scene.send(*[scene.event("ada", "bought", **bought) for _ in range(2)])
    await scene.advance(days=70)
    soon = (scene.now + timedelta(days=1)).timestamp()
    await scene.send(scene.event("ada", "bought", **bought), scene.event("old", "bought", **bought))
    await scene.send(scene.event("old", "bought", timestamp=soon, **bought))
    async with scene.pool.acquire() as connection, connection.transaction():
        assert ["events_2026_03"] == await drop_partitions(connection, now=scene.now, retention_days=30)

    await scene.send(merge(scene))

    assert (["ada"], [], ["ada"]) == (
        await scene.members("four"),
        await scene.members("five"),
        await scene.members("lately"),
    )
    await scene.advance(days=1)
    assert ([], ["ada"]) == (await scene.members("four"), await scene.members("five"))


async def test_a_person_is_known_since_the_earliest_event_that_went_over(scene: Scene) -> None:
    await scene.segment("idle", {"not_performed": {"event": "bought", "within": "7d"}})
    await scene.send(scene.event("old", "looked"))
    await scene.advance(days=8)
    await scene.send(scene.identify("ada"))
    assert ["old"] == await scene.members("idle")

    await scene.send(merge(scene))

    assert ["ada"] == await scene.members("idle")


@pytest.mark.spec("16.10", "17.14")
async def test_running_journeys_go_on_for_the_primary_under_the_same_workflow(scene: Scene) -> None:
    await scene.campaign("nudge", frequency="once")
    await scene.send(scene.event("old", "bought"))
    started = await scene.one("SELECT workflow_id FROM outbox WHERE kind = 'start' AND workflow_id LIKE 'journey:%'")

    await scene.send(scene.identify("ada"), merge(scene))
    moved = await journeys(scene)
    await scene.send(scene.event("ada", "bought"))
    await scene.send(scene.about("delete", "ada"))

    assert ([("nudge", "ada", "running")], ["frequency"]) == (moved, await scene.refused("nudge"))
    assert [(started, "end")] == await signals(scene)


@pytest.mark.spec("17.14")
async def test_in_a_campaign_that_both_have_entered_both_go_on(scene: Scene) -> None:
    await scene.campaign("nudge", frequency="once")
    await scene.send(scene.event("ada", "bought"), scene.event("old", "bought"))

    await scene.send(merge(scene))

    assert [("nudge", "ada", "running")] * 2 == await journeys(scene)
    [history] = await scene.rows("SELECT entries FROM entry_history")
    assert 2 == history["entries"]


async def test_finished_journeys_are_history_of_the_primary(scene: Scene) -> None:
    await scene.campaign("nudge", frequency="once")
    await scene.send(scene.identify("ada"), scene.event("old", "bought"))
    await scene.pool.execute("UPDATE journeys SET state = 'finished', ended_at = started_at, due_at = NULL")

    await scene.send(merge(scene), scene.event("ada", "bought"))

    assert [("nudge", "ada", "finished")] == await journeys(scene)
    assert ["frequency"] == await scene.refused("nudge")


@pytest.fixture
async def filtered(scene: Scene) -> Scene:
    """A campaign about birthdays, and one about an event, for those who are in a segment."""
    await scene.segment("pros", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("nudge", filters={"in": "pros"})
    birthday = {"date": "birthday", "every": "year", "at": "12:10", "timezone": "person", "fallback_timezone": "UTC"}
    await scene.campaign("birthday", trigger=birthday, filters={"in": "pros"})
    return scene


async def started(scene: Scene) -> list[str]:
    """Return the workflows that were started for journeys and for waits, oldest first."""
    query = "SELECT workflow_id FROM outbox WHERE kind = 'start' AND workflow_id LIKE 'journey:%' ORDER BY id"
    return [row["workflow_id"] for row in await scene.rows(query)]


@pytest.mark.spec("4.12", "9.03", "17.14")
async def test_what_waits_for_filters_waits_on_as_the_primarys_under_the_same_workflow(filtered: Scene) -> None:
    await filtered.send(filtered.identify("ada"), filtered.event("old", "bought"))
    await filtered.advance(minutes=10)
    await filtered.send(filtered.identify("eve"), merge(filtered), merge(filtered, "eve", "ada"))
    assert [] == await journeys(filtered)
    [workflow] = await started(filtered)

    await filtered.send(filtered.identify("eve", plan="pro"))
    await filtered.send(filtered.about("delete", "eve"))

    assert 0 == await filtered.one("SELECT count(*) FROM filter_retries")
    assert ([workflow], [(workflow, "look_again"), (workflow, "end")]) == (
        await started(filtered),
        await signals(filtered),
    )


@pytest.mark.spec("4.12", "17.14")
async def test_filters_that_match_by_the_merge_let_in_what_waits(filtered: Scene) -> None:
    await filtered.send(filtered.identify("ada", plan="pro"), filtered.event("old", "bought"))

    await filtered.send(merge(filtered))

    assert [("nudge", "ada", "running")] == await journeys(filtered)


@pytest.mark.spec("1.72", "4.10", "17.14")
async def test_a_date_that_waits_for_its_filters_is_not_lost_by_a_merge(filtered: Scene) -> None:
    await filtered.send(filtered.identify("ada"), filtered.identify("old", birthday="1990-03-01"))
    await filtered.advance(minutes=15)
    await filtered.send(merge(filtered))

    await filtered.send(filtered.identify("ada", plan="pro"))

    assert [("birthday", "ada", "running")] == await journeys(filtered)


@pytest.mark.spec("1.69", "9.03", "17.14")
@pytest.mark.parametrize("plan", ["pro", "free"])
async def test_a_date_of_both_enters_once_and_the_other_wait_leaves_a_refusal(filtered: Scene, plan: str) -> None:
    born = {"birthday": "1990-03-01"}
    await filtered.send(filtered.identify("ada", plan=plan, **born), filtered.identify("old", **born))
    await filtered.advance(minutes=15)
    second = await filtered.one(
        "SELECT r.id FROM filter_retries r JOIN people p ON p.id = person_id WHERE external_id = 'old'"
    )

    await filtered.send(merge(filtered))
    await filtered.send(filtered.identify("ada", plan="pro"))

    assert [("birthday", "ada", "running")] == await journeys(filtered)
    assert [(second, "merged")] == [
        (row["retry_id"], row["reason"]) for row in await filtered.rows("SELECT retry_id, reason FROM refusals")
    ]
    assert ((await started(filtered))[-1], "end") in await signals(filtered)


@pytest.mark.spec("9.03", "17.14")
@pytest.mark.parametrize("end", ["operator", "stop", "deletion"])
async def test_the_workflow_of_what_waits_hears_of_its_end_although_the_person_is_another(
    filtered: Scene, end: str
) -> None:
    await filtered.send(filtered.identify("ada"), filtered.event("old", "bought"), merge(filtered))
    async with filtered.pool.acquire() as connection:
        [waiting] = await records.open_journeys(connection, limit=10)
    [workflow] = await started(filtered)

    if end == "operator":
        async with filtered.pool.acquire() as connection:
            await interventions.end_journey(connection, filtered.workspace, waiting.id, note=None, now=filtered.now)
    elif end == "stop":
        await filtered.stop("nudge")
    else:
        await filtered.send(filtered.about("delete", "ada"))

    assert workflow == recovery.workflow_id(waiting)
    assert workflow in [told for told, _ in await signals(filtered)]
    assert 0 == await filtered.one("SELECT count(*) FROM filter_retries")


async def test_manual_memberships_go_over_and_others_are_found_anew(scene: Scene) -> None:
    async with scene.pool.acquire() as connection:
        await segment_lifecycle.create_manual(connection, scene.workspace, {"name": "VIPs"}, now=scene.now)
    await scene.segment("pros", {"attribute": "plan", "equals": "pro"})
    await scene.segment("bernese", {"attribute": "city", "equals": "Bern"})
    await scene.segment("all", {"all": [{"in": "vips"}, {"in": "bernese"}, {"not_in": "pros"}]})
    await scene.campaign("welcome", trigger={"condition": {"in": "all"}}, frequency="every_match")
    await scene.send(scene.identify("ada", plan="free"), scene.identify("old", plan="pro", city="Bern"))
    await scene.send(scene.input("members", segment="vips", change="add", by="id", ids=["old"]))

    await scene.send(merge(scene))

    found = {key: await scene.members(key) for key in ("vips", "pros", "bernese", "all")}
    assert {"vips": ["ada"], "pros": [], "bernese": ["ada"], "all": ["ada"]} == found
    assert 1 == len(await scene.entered("welcome"))
    assert 3 == await scene.one("SELECT count(*) FROM segment_members")


async def test_a_journey_learns_that_its_new_person_does_not_match(scene: Scene) -> None:
    await scene.segment("pros", {"attribute": "plan", "equals": "pro"})
    await scene.campaign("welcome", trigger={"condition": {"in": "pros"}})
    await scene.send(scene.identify("ada", plan="free"), scene.identify("old", plan="pro"))

    await scene.advance(minutes=1)
    await scene.send(merge(scene))

    assert [("welcome", "ada", "running")] == await journeys(scene)
    assert scene.now == await scene.one("SELECT unmatched_at FROM journeys")


async def test_deliveries_devices_and_refusals_go_over(scene: Scene) -> None:
    await scene.campaign("nudge", frequency="once")
    await scene.send(
        scene.identify("ada"),
        scene.about("device", "ada", device={"id": "both", "platform": "ios"}),
        scene.about("device", "old", device={"id": "both", "platform": "android"}),
        scene.about("device", "old", device={"id": "one", "platform": "android"}),
        scene.event("old", "bought"),
        scene.event("old", "bought"),
    )
    await scene.pool.execute(
        "INSERT INTO deliveries (key, public_id, workspace_id, campaign_id, version, journey_id, person_id, block, "
        "channel, state, created_at, updated_at) "
        "SELECT 'k', 'd', workspace_id, campaign_id, 1, id, person_id, 'nudge', 'email', 'sent', $1, $1 FROM journeys",
        scene.now,
    )

    await scene.send(merge(scene))

    ada = await scene.one("SELECT id FROM people")
    assert [ada] == [row["person_id"] for row in await scene.rows("SELECT person_id FROM deliveries")]
    assert [ada] == [row["person_id"] for row in await scene.rows("SELECT person_id FROM refusals")]
    devices = await scene.rows("SELECT token, platform FROM devices ORDER BY token")
    assert [("both", "ios"), ("one", "android")] == [(row["token"], row["platform"]) for row in devices]


async def test_dates_that_come_with_an_attribute_are_found(scene: Scene) -> None:
    await scene.campaign("birthday", trigger={"date": "birthday", "every": "year", "at": "09:00", "timezone": "UTC"})
    await scene.send(scene.identify("ada"), scene.identify("old", birthday="1990-03-05"))

    await scene.send(merge(scene))
    await scene.advance(days=5)

    assert [("birthday", "ada", "running")] == await journeys(scene)


async def test_the_same_date_entered_by_both_does_not_clash(scene: Scene) -> None:
    await scene.campaign("birthday", trigger={"date": "birthday", "every": "year", "at": "09:00", "timezone": "UTC"})
    await scene.send(*(scene.identify(name, birthday="1990-03-02") for name in ("ada", "old")))
    await scene.advance(days=1)

    await scene.send(merge(scene))

    assert [("birthday", "ada", "running")] * 2 == await journeys(scene)


@pytest.mark.spec("1.69")
async def test_a_date_that_one_of_them_has_entered_does_not_come_again_for_both(scene: Scene) -> None:
    trigger = {"date": "birthday", "every": "year", "at": "15:00", "timezone": "person", "fallback_timezone": "UTC"}
    await scene.campaign("birthday", trigger=trigger)
    await scene.send(
        scene.identify("ada", birthday="1990-03-01", timezone="America/New_York"),
        scene.identify("bob", birthday="1990-03-01"),
    )
    await scene.advance(hours=4)
    await scene.send(merge(scene, "ada", "bob"))

    await scene.advance(hours=5)  # past three o'clock in New York

    assert 1 == len(await scene.entered("birthday"))


async def test_a_merge_of_a_merge(scene: Scene) -> None:
    await scene.campaign("nudge")
    await scene.send(scene.event("older", "bought"), scene.identify("old"), scene.identify("ada"))
    workflow = await scene.one("SELECT workflow_id FROM outbox WHERE kind = 'start' AND workflow_id LIKE 'journey:%'")

    await scene.send(merge(scene, "old", "older"), merge(scene, "ada", "old"), scene.about("delete", "ada"))

    assert [(workflow, "end")] == await signals(scene)


@pytest.mark.spec("2.04", "17.14")
@pytest.mark.parametrize("is_primary", [False, True])
async def test_what_was_due_after_a_merge_that_is_applied_late_is_due_for_the_primary(
    behind: Scene, is_primary: bool
) -> None:
    """The one who entered was to enter again in the hours between the merge and now."""
    hour = timedelta(hours=1)
    await behind.segment("pro", {"attribute": "plan", "equals": "pro"})
    await behind.segment("active", {"performed": {"event": "login", "within": "30d"}})
    for key in ("pro", "active"):
        trigger = {"condition": {"in": key}}
        await behind.campaign(key, trigger=trigger, frequency={"every": "30d"} if key == "pro" else "every_match")
    entering = "ada" if is_primary else "old"
    await behind.send(behind.identify("ada"), behind.identify("old"))
    await behind.send(behind.identify(entering, plan="pro"), behind.event(entering, "login"))
    await behind.pool.execute("UPDATE journeys SET state = 'finished', ended_at = started_at")
    begun = behind.now

    behind.now += timedelta(days=30) - hour
    await behind.wait(merge(behind))
    behind.now += 3 * hour
    await behind.wait(behind.event("ada", "login"))
    behind.now += hour
    await behind.intake.settle()

    assert [begun, begun + timedelta(days=30)] == await behind.entered("pro")
    # As the primary she left after 30 days and came back; else her login is the primary's from the merge on.
    again = begun + timedelta(days=30) + (2 * hour if is_primary else -hour)
    assert [begun, again] == await behind.entered("active")
