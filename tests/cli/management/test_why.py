"""`sojourn why`, and starting for those who match already."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from storage import partitions
from storage.database import Pool
from tests.cli.management.conftest import NOW, Ask, typed
from tests.records import add_person

SEGMENT = '{"name": "Pro", "condition": {"attribute": "plan", "equals": "pro"}}'
CAMPAIGN = """\
name: Welcome
from: shop@example.com
trigger: {condition: {in: pro}}
workflow:
  - email: {id: hello, subject: Hello, body: Hello}
"""


@pytest.fixture
async def saved(ask: Ask, pool: Pool, workspace: int, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """A workspace with a condition campaign, and somebody who does not match it."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "pro.json").write_text(SEGMENT)
    (folder / "welcome.yaml").write_text(CAMPAIGN)
    assert 0 == (await ask("campaigns", "apply", str(folder))).code
    await add_person(pool, workspace, NOW, id="ada", plan="free")
    return ask


async def test_every_gate_is_shown_with_what_was_seen(saved: Ask) -> None:
    await saved("campaigns", "start", "welcome")

    said = await saved("why", "welcome", "ada")

    assert 0 == said.code
    assert "Never entered; would not enter now" in said.out
    for gate in ("campaign", "trigger", "filters", "frequency", "exit", "subscription"):
        assert gate in said.out
    assert 'attribute plan is equal to "pro", seen "free"' in " ".join(said.out.split())


async def test_an_event_that_did_not_count_and_a_similar_name_are_told(
    saved: Ask, pool: Pool, workspace: int, tmp_path: Path
) -> None:
    for name in ("bought", "signed_up"):
        written = CAMPAIGN.replace("{condition: {in: pro}}", f"{{event: {name}}}").replace("Welcome", name)
        (tmp_path / f"{name}.yaml").write_text(written)
    await saved("campaigns", "apply", str(tmp_path))
    async with pool.acquire() as connection:
        await partitions.prepare(connection, [NOW])
    for name in ("bought", "Signed up"):
        await pool.execute(
            "INSERT INTO events (workspace_id, person_id, kind, name, data, occurred_at, received_at) "
            "SELECT $1, id, 'event', $2, '{}'::text::jsonb, $3, $3 FROM people",
            workspace,
            name,
            NOW,
        )

    counted = await saved("why", "bought", "ada")
    similar = await saved("why", "signed-up", "ada")

    assert re.search(r"^- event \d+ at .* UTC, did not count: from before the", counted.out, re.MULTILINE)
    assert 'trigger  Waits for the event "signed_up". The person never did that, but "Signed up":' in similar.out


async def test_as_json_it_is_what_the_api_answers(saved: Ask) -> None:
    said = json.loads((await saved("why", "welcome", "ada", "--json")).out)

    assert ("welcome", False) == (said["campaign"], said["gates"][0]["open"])


async def test_nobody_is_an_error_in_one_line(saved: Ask) -> None:
    said = await saved("why", "welcome", "nobody")

    assert (1, True) == (said.code, "There is no person" in said.err)


async def test_a_start_for_current_matches_is_paused_and_resumed(saved: Ask, pool: Pool) -> None:
    started = await saved("campaigns", "start", "welcome", "--current", "--rate", "5")
    paused = await saved("campaigns", "pause", "welcome")
    shown = await saved("campaigns", "show", "welcome")
    resumed = await saved("campaigns", "resume", "welcome")

    assert [0, 0, 0, 0] == [one.code for one in (started, paused, shown, resumed)]
    assert "starting" in started.out
    assert "paused: 0 of ? entered" in shown.out
    assert ("loading", 5) == tuple(await pool.fetchrow("SELECT load_state, load_rate FROM campaigns") or ())


async def test_how_many_current_matches_entered_is_shown_when_they_have(saved: Ask, pool: Pool) -> None:
    await saved("campaigns", "start", "welcome", "--current")
    over = "state = 'running', load_state = 'over', load_total = 42, loaded = 38, load_held_back = 3"
    await pool.execute(f"UPDATE campaigns SET {over}")

    assert "over: 38 of 42 entered, 3 held back" in (await saved("campaigns", "show", "welcome")).out


@pytest.mark.parametrize("written", ["yesterday", "2026-13-01", "24.11.2026", "12:00", "1790000000"])
def test_an_instant_that_is_none_is_refused_with_examples_before_anything_is_asked(written: str) -> None:
    said = typed("campaigns", "start", "welcome", "--since", written)

    assert 2 == said.code
    words = " ".join(said.err.replace("│", " ").split())
    assert f"'{written}' is no instant. Write one such as 2027-03-01, 2027-03-01T09:00 or" in words
    assert "%" not in words


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-20", "2026-11-20 00:00:00"),
        ("2026-11-20T09:30", "2026-11-20 09:30:00"),
        ("2026-11-20 09:30:15", "2026-11-20 09:30:15"),
        ("2026-11-20T09:30:00Z", "2026-11-20 09:30:00"),
        ("2026-11-20T09:30:00+01:00", "2026-11-20 08:30:00"),
    ],
)
async def test_an_instant_is_taken_as_people_and_lists_write_it(
    saved: Ask, pool: Pool, written: str, meant: str
) -> None:
    started = await saved("campaigns", "start", "welcome", "--since", written)

    assert (0, "") == (started.code, started.err)
    assert meant == f"{await pool.fetchval('SELECT load_since FROM campaigns'):%Y-%m-%d %H:%M:%S}"


async def test_a_circle_of_segments_saves_nothing(ask: Ask, pool: Pool, workspace: int, tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("name: One\ncondition: {in: two}\n")
    (tmp_path / "two.yaml").write_text("name: Two\ncondition: {in: one}\n")

    said = await ask("segments", "apply", str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml"))

    assert (1, 0) == (said.code, await pool.fetchval("SELECT count(*) FROM segments"))
    assert "asks about itself" in said.err


def test_a_rate_without_anybody_to_let_in_is_refused() -> None:
    assert 2 == typed("campaigns", "start", "welcome", "--rate", "5").code
