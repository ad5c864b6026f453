from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from storage.database import Pool
from tests.cli.management.conftest import NOW, Ask, typed
from tests.records import add_delivery, add_journey, add_person

EXAMPLES = Path(__file__).parents[3] / "examples"

WELCOME = """\
name: Welcome
from: shop@example.com
trigger: {event: signed_up}
workflow:
  - delay: 1h
  - email: {id: hello, subject: Hello, body: {file: texts/hello.html}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "hello.html").write_text("<p>Hello {{customer.name | default: 'you'}}</p>")
    (tmp_path / "welcome.yaml").write_text(WELCOME)
    (tmp_path / "friends.yaml").write_text("name: Friends\ncondition: {in: customers}\n")
    (tmp_path / "customers.json").write_text(
        '{"name": "Customers", "condition": {"attribute": "plan", "equals": "pro"}}'
    )
    (tmp_path / "notes.txt").write_text("not a document")
    return tmp_path


def test_the_examples_are_valid_without_any_server() -> None:
    checked = typed("campaigns", "validate", str(EXAMPLES))

    assert (0, "") == (checked.code, checked.err)
    assert len(list(EXAMPLES.rglob("*.yaml"))) == checked.out.count("✓")


def test_a_fault_is_shown_with_file_line_place_and_remedy(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: Bad\ntrigger: {event: x}\n\nworkflow:\n  - delay: 1h\n  - delay: soon\n")

    checked = typed("campaigns", "validate", str(bad), str(EXAMPLES / "segments"))

    assert 1 == checked.code
    assert f"{bad}:6  workflow[1].delay" in checked.err
    assert "→" in checked.err
    assert f"1 of {1 + len(list(EXAMPLES.glob('segments/*.yaml')))} documents cannot be saved." in checked.err


def test_faults_are_shown_from_the_top_of_the_file_to_its_end(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("colour: red\nname: Bad\nworkflow:\n  - delay: soon\nfrequency: never\ntrigger: {event: x, if: y}\n")

    checked = typed("campaigns", "validate", str(bad))

    assert ["1", "4", "5", "6"] == re.findall(r"bad\.yaml:(\d+)", checked.err)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "neither YAML nor JSON"),
        ("name: x", "neither a campaign nor a segment"),
        (WELCOME.replace("hello.html", "gone.html"), "gone.html"),
    ],
)
def test_what_cannot_be_read_is_said_once(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.yaml").write_text(text)

    checked = typed("campaigns", "validate", str(tmp_path))

    assert (1, 1) == (checked.code, checked.err.count("✗"))
    assert said in checked.err


@pytest.mark.parametrize(("right", "wrong"), [("email:", "emial:"), ("body:", "bdoy:")])
def test_a_text_is_read_from_its_file_behind_a_mistyped_key_too(folder: Path, right: str, wrong: str) -> None:
    (folder / "welcome.yaml").write_text(WELCOME.replace(right, wrong))

    checked = typed("campaigns", "validate", str(folder))

    assert (1, 1) == (checked.code, checked.err.count("✗"))
    assert f"Did you mean `{right[:-1]}`?" in checked.err


def test_a_file_that_is_no_yaml_is_named_with_the_line_where_it_stops_being_some(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text('name: Bad\nworkflow:\n  - email: {subject: "a}\n')

    checked = typed("campaigns", "validate", str(tmp_path))

    assert re.search(r"bad\.yaml:4$\n  This is neither YAML nor JSON", checked.err, re.MULTILINE)


async def test_a_refusal_by_the_server_says_what_was_saved(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: A\ntrigger: {event: x}\nworkflow:\n  - delay: 1h\n")
    await ask("campaigns", "apply", str(tmp_path))
    await ask("campaigns", "start", "a")
    (tmp_path / "a.yaml").write_text("name: A\ntrigger: {form: x}\nworkflow:\n  - delay: 1h\n")

    alone = await ask("campaigns", "apply", str(tmp_path))
    (tmp_path / "b.yaml").write_text("name: B\ncondition: {attribute: x, exists: true}\n")
    second = await ask("campaigns", "apply", str(tmp_path))

    assert [1, 1] == [alone.code, second.code]
    assert re.search(r"a\.yaml:2  trigger\n", alone.err)
    assert alone.err.endswith("\nNothing was saved.\n")
    assert second.err.endswith("\n1 of 2 documents were saved, the rest was not.\n")


async def test_what_is_archived_is_refused_with_its_file(ask: Ask, folder: Path) -> None:
    await ask("campaigns", "apply", str(folder))
    await ask("campaigns", "archive", "welcome")

    saved = await ask("campaigns", "apply", str(folder))

    assert 1 == saved.code
    assert "welcome.yaml:1" in saved.err
    assert "archived" in saved.err


def test_what_should_be_looked_at_before_a_start_is_told_and_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: A\ntrigger: {event: x}\nworkflow:\n  - branch: {then: [delay: 1h]}\n")

    checked = typed("campaigns", "validate", str(tmp_path))

    assert 0 == checked.code
    assert "The branch has no condition." in checked.err


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert 1 == typed("campaigns", "validate", str(tmp_path / "none.yaml")).code
    assert 1 == typed("campaigns", "validate", str(tmp_path)).code


async def test_a_folder_is_saved_segments_first_with_the_texts_of_its_files(ask: Ask, folder: Path) -> None:
    saved = await ask("campaigns", "apply", str(folder))

    assert (0, "") == (saved.code, saved.err)
    assert ["customers", "friends", "welcome"] == [line.split()[2] for line in saved.out.splitlines()]
    shown = await ask("campaigns", "show", "welcome", "--json")
    assert "<p>Hello" in json.loads(shown.out)["document"]["workflow"][1]["email"]["body"]


async def test_saving_again_changes_nothing(ask: Ask, folder: Path) -> None:
    await ask("campaigns", "apply", str(folder))

    again = await ask("campaigns", "apply", str(folder), "--json")

    assert ["unchanged"] * 3 == [one["outcome"] for one in json.loads(again.out)]


async def test_nothing_is_saved_if_one_document_has_a_fault(ask: Ask, folder: Path) -> None:
    (folder / "bad.yaml").write_text("name: Bad\nworkflow: []\n")

    saved = await ask("campaigns", "apply", str(folder))

    assert (1, "") == (saved.code, saved.out)
    assert "Nothing was saved." in saved.err
    assert "[]" == (await ask("campaigns", "list", "--json")).out.strip()


async def test_a_fault_that_only_the_server_knows_has_its_file_too(ask: Ask, folder: Path) -> None:
    (folder / "customers.json").write_text('{"name": "Customers", "condition": {"in": "friends"}}')

    saved = await ask("campaigns", "apply", str(folder))

    assert 1 == saved.code
    assert "condition" in saved.err
    assert "customers" in saved.err


async def test_a_campaign_is_started_listed_and_stopped(ask: Ask, folder: Path) -> None:
    await ask("campaigns", "apply", str(folder))

    started = await ask("campaigns", "start", "welcome")
    again = await ask("campaigns", "start", "welcome")
    listed = await ask("campaigns", "list")
    stopped = await ask("campaigns", "stop", "welcome")

    assert (0, "welcome is running.\n") == (started.code, started.out)
    assert 1 == again.code
    assert "running already" in again.err
    assert "2026-11-24 12:00:00" in listed.out
    assert (0, "welcome is stopped.\n") == (stopped.code, stopped.out)


@pytest.mark.parametrize(
    ("flag", "became"), [("--finish", "whoever was inside finished"), ("--now", "every journey ended")]
)
async def test_when_and_how_it_was_stopped_is_shown_after_another_start_too(
    ask: Ask, folder: Path, flag: str, became: str
) -> None:
    await ask("campaigns", "apply", str(folder))
    stops: list[list[str]] = []
    for words in (["start", "welcome"], ["stop", "welcome", flag], ["start", "welcome"]):
        await ask("campaigns", *words)
        shown = await ask("campaigns", "show", "welcome")
        stops.append(re.findall(r"^stopped.*", shown.out, re.MULTILINE))

    said = f"2026-11-24 12:00:00, {became}"
    assert [[], [f"stopped        {said}"], [f"stopped before  {said}"]] == stops


async def test_after_a_stop_the_journeys_that_are_left_are_said_to_be_ending(
    ask: Ask, folder: Path, pool: Pool, workspace: int
) -> None:
    await ask("campaigns", "apply", str(folder))
    await ask("campaigns", "start", "welcome")
    campaign = await pool.fetchval("SELECT id FROM campaigns")
    await add_journey(pool, workspace, campaign, await add_person(pool, workspace, NOW), NOW)
    await ask("campaigns", "stop", "welcome", "--now")

    shown = await ask("campaigns", "show", "welcome")
    await pool.execute("UPDATE journeys SET state = 'exited', exit_reason = 'campaign_stopped', ended_at = $1", NOW)
    later = await ask("campaigns", "show", "welcome")

    assert "12:00:00, every journey is being ended\n" in shown.out
    assert "12:00:00, every journey ended\n" in later.out


async def test_a_start_lists_every_error(ask: Ask, tmp_path: Path) -> None:
    document = {
        "name": "A",
        "trigger": {"event": "x"},
        "filters": {"all": [{"in": "b"}, {"not_in": "c"}]},
        "workflow": [{"delay": "1h"}],
    }
    (tmp_path / "a.json").write_bytes(orjson.dumps(document))
    saved = await ask("campaigns", "apply", str(tmp_path))

    started = await ask("campaigns", "start", "a")

    assert (0, 1) == (saved.code, started.code)
    assert "`b`" in saved.err
    assert all(f"There is no segment `{key}`." in started.err for key in "bc")


async def test_stopping_with_people_inside_asks_what_becomes_of_them(
    ask: Ask, folder: Path, pool: Pool, workspace: int
) -> None:
    await ask("campaigns", "apply", str(folder))
    await ask("campaigns", "start", "welcome")
    campaign = await pool.fetchval("SELECT id FROM campaigns")
    await add_journey(pool, workspace, campaign, await add_person(pool, workspace, NOW), NOW)

    unsaid = await ask("campaigns", "stop", "welcome")
    both = await ask("campaigns", "stop", "welcome", "--finish", "--now")
    finishing = await ask("campaigns", "stop", "welcome", "--finish")
    stopped = await ask("campaigns", "stop", "welcome", "--now", "--json")

    assert (1, 2) == (unsaid.code, both.code)
    assert "--finish" in unsaid.err
    assert "welcome is stopping.\n" == finishing.out
    assert {"key": "welcome", "state": "stopped"} == json.loads(stopped.out)


async def test_in_a_terminal_of_eighty_columns_everything_fits_and_through_a_pipe_nothing_is_folded(
    ask: Ask, folder: Path, pool: Pool, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask("campaigns", "apply", str(folder))
    campaign = await pool.fetchval("SELECT id FROM campaigns")
    person = await add_person(pool, workspace, NOW, id="a-rather-long-identifier-of-somebody@example.com")
    move = {"text": "waits at start.delay until 2026-11-24 13:00:00 UTC, unless something happens before"}
    journey = await add_journey(pool, workspace, campaign, person, NOW, move=move)
    await add_delivery(pool, workspace, campaign, person, journey, NOW, state="unknown")
    commands = [
        ("campaigns", "list"),
        ("campaigns", "show", "welcome"),
        ("campaigns", "journeys", "welcome", "--state", "open"),
        ("campaigns", "deliveries", "welcome", "--state", "unknown"),
        ("campaigns", "refusals", "welcome"),
        ("journeys", "show", str(journey)),
        ("deliveries", "list"),
        ("segments", "list"),
    ]
    whole = f"{journey}  welcome  a-rather-long-identifier-of-somebody@example.com  running  {move['text']}"

    piped = await ask("campaigns", "journeys", "welcome")
    assert whole in [re.sub(" {2,}", "  ", line.strip()) for line in piped.out.splitlines()]

    monkeypatch.setattr("cli.showing.is_folded", lambda: True)
    for command in commands:
        shown = await ask(*command)
        assert (0, "") == (shown.code, shown.err)
        assert max(len(line) for line in shown.out.splitlines()) <= 80, shown.out


async def test_a_campaign_shows_which_messages_are_in_a_test(ask: Ask, folder: Path) -> None:
    ab_test = "ab_test: {share: 12.5, body: {file: texts/hello.html}}"
    written = WELCOME.replace("subject: Hello,", f"subject: Hello, {ab_test},")
    (folder / "welcome.yaml").write_text(written)
    saved = await ask("campaigns", "apply", str(folder))
    shown = await ask("campaigns", "show", "welcome")

    assert (0, "") == (saved.code, saved.err)
    assert ["A/B tests", "hello (12.5% variation)"] == re.findall(r"A/B tests|hello \(.*\)", shown.out)
    assert "ab_test:\n      share: 12.5\n      body: '<p>Hello" in shown.out


async def test_an_unknown_campaign_is_said_plainly(ask: Ask) -> None:
    shown = await ask("campaigns", "show", "a/b")

    assert (1, 'There is no campaign "a/b". Take the key from the list of campaigns.') == (shown.code, shown.err)


def test_an_api_that_does_not_answer_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Any] = []
    for url in ("http://127.0.0.1:9", "nonsense"):
        monkeypatch.setenv("SOJOURN_API_URL", url)
        answers.append(typed("campaigns", "list"))

    assert [1, 1] == [answer.code for answer in answers]
    assert all("SOJOURN_API_URL" in answer.err for answer in answers)
    assert "sojourn dev" in answers[0].err


async def test_a_wrong_key_is_said_with_what_to_do(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_APP_KEY", "wrong")

    listed = await ask("campaigns", "list")

    assert 1 == listed.code
    assert "SOJOURN_APP_KEY" in listed.err


async def test_without_a_variable_the_development_stack_of_this_folder_is_asked(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = os.environ["SOJOURN_API_URL"].rpartition(":")[2]
    monkeypatch.delenv("SOJOURN_API_URL")
    (tmp_path / ".sojourn" / "run").mkdir(parents=True)
    told = {"SOJOURN_HOST": "127.0.0.1", "SOJOURN_PORT": port}
    (tmp_path / ".sojourn" / "run" / "environment.json").write_text(json.dumps(told))

    listed = await ask("campaigns", "list", "--json")

    assert (0, "[]\n") == (listed.code, listed.out)
