"""What is wrong with documents that are right one by one, without a server and with what exists in one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.management.conftest import Ask, typed

THANKS = """\
name: Thanks
from: a@shop.example
trigger:
  condition: {all: [{in: big-spenders}, {not_in: staff}]}
  segments:
    big-spenders:
      name: Big spenders
      condition: {attribute: spent, greater_than: 100}
    staff: {name: Staff, manual: true}
workflow:
  - email: {id: thanks, subject: Thanks, body: Thanks}
"""


def write(folder: Path, **texts: str) -> str:
    """Write documents, and return the folder."""
    for name, text in texts.items():
        (folder / f"{name.replace('_', '-')}.yaml").write_text(text)
    return str(folder)


def segment(name: str, condition: str) -> str:
    return f"name: {name}\ncondition: {condition}\n"


def lines(said: str) -> list[str]:
    """Return file, line and place of every fault."""
    return [line.rpartition("/")[2] for line in re.findall(r"✗ (\S+  \S+|\S+)", said)]


@pytest.mark.spec("1.18")
@pytest.mark.parametrize("command", ["campaigns", "segments"])
def test_a_campaign_with_new_segments_is_right_without_any_server(tmp_path: Path, command: str) -> None:
    checked = typed(command, "validate", write(tmp_path, thanks=THANKS))

    assert (0, "", 1) == (checked.code, checked.err, checked.out.count("✓"))


@pytest.mark.spec("3.15")
@pytest.mark.parametrize("command", ["validate", "apply"])
def test_a_circle_within_the_files_is_found_without_any_server(tmp_path: Path, command: str) -> None:
    folder = write(tmp_path, a=segment("A", "{in: b}"), b=segment("B", "[{in: c}]"), c=segment("C", "{not_in: a}"))

    checked = typed("segments", command, folder)

    assert (1, ["a.yaml:2  condition"]) == (checked.code, lines(checked.err))
    assert "a → b → c → a" in checked.err


@pytest.mark.spec("1.18", "3.15")
def test_a_circle_through_new_segments_of_a_campaign_is_found(tmp_path: Path) -> None:
    thanks = THANKS.replace("{attribute: spent, greater_than: 100}", "{in: friends}")
    friends = write(tmp_path, friends=segment("Friends", "{in: big-spenders}"), thanks=thanks)
    (tmp_path / "alone").mkdir()
    alone = write(
        tmp_path / "alone", alone=THANKS.replace("{attribute: spent, greater_than: 100}", "{in: big-spenders}")
    )

    inside = typed("campaigns", "validate", alone)
    together = typed("campaigns", "validate", f"{friends}/friends.yaml", f"{friends}/thanks.yaml")

    assert (1, ["alone.yaml:8  trigger.segments.big-spenders.condition"]) == (inside.code, lines(inside.err))
    assert (1, ["friends.yaml:2  condition"]) == (together.code, lines(together.err))


@pytest.mark.spec("1.18")
def test_one_key_with_two_conditions_is_found(tmp_path: Path) -> None:
    other = THANKS.replace("name: Thanks", "name: Other").replace("100", "200")
    folder = write(tmp_path, staff=segment("Staff", "{attribute: staff, is_true: true}"), other=other, thanks=THANKS)

    checked = typed("campaigns", "validate", folder)

    assert [
        "other.yaml:9  trigger.segments.staff",
        "thanks.yaml:6  trigger.segments.big-spenders",
        "thanks.yaml:9  trigger.segments.staff",
    ] == lines(checked.err)
    assert "2 of 3 documents cannot be saved." in checked.err


@pytest.mark.spec("1.18")
def test_the_other_file_with_the_key_is_named_and_nothing_is_said_to_exist(tmp_path: Path) -> None:
    other = THANKS.replace("name: Thanks", "name: Other").replace("100", "200")
    folder = write(tmp_path, staff=segment("Staff", "{attribute: staff, is_true: true}"), other=other, thanks=THANKS)

    said = typed("campaigns", "validate", folder).err

    assert "already" not in said
    assert f"The file {folder}/staff.yaml defines the segment `staff`, too, by a condition." in said
    assert f"The file {folder}/other.yaml defines the segment `big-spenders`, too, with another condition." in said


@pytest.mark.parametrize("command", ["validate", "apply"])
@pytest.mark.parametrize("other", ["pro", "free"])
def test_two_files_of_one_segment_are_found_alike_or_not(tmp_path: Path, command: str, other: str) -> None:
    conditions = [f"{{attribute: plan, equals: {plan}}}" for plan in ("pro", other)]
    folder = write(tmp_path, first=segment("Pro", conditions[0]), second=f"key: pro\n{segment('X', conditions[1])}")

    checked = typed("segments", command, folder)

    assert (1, ["second.yaml:1  key"]) == (checked.code, lines(checked.err))
    assert f"The file {folder}/first.yaml defines the segment `pro`, too." in checked.err


def test_two_files_of_one_campaign_are_found(tmp_path: Path) -> None:
    folder = write(tmp_path, first=THANKS, second=THANKS)

    both = typed("campaigns", "validate", folder)

    assert (1, ["second.yaml:1  name"]) == (both.code, lines(both.err))


@pytest.mark.parametrize("wrong", [("first",), ("second",), ("first", "second")])
def test_two_files_of_one_campaign_are_found_also_if_they_have_other_faults(
    tmp_path: Path, wrong: tuple[str, ...]
) -> None:
    broken = THANKS.replace("body: Thanks", "body: 5")
    texts = {name: broken if name in wrong else THANKS for name in ("first", "second")}

    checked = typed("campaigns", "validate", write(tmp_path, **texts))

    bodies = [f"{name}.yaml:11  workflow[0].email.body" for name in wrong]
    assert sorted([*bodies, "second.yaml:1  name"]) == sorted(lines(checked.err))


def test_one_file_named_twice_is_one(tmp_path: Path) -> None:
    folder = write(tmp_path, first=THANKS)

    once = typed("campaigns", "validate", f"{folder}/first.yaml", f"{folder}/../{tmp_path.name}/first.yaml")

    assert (0, 1) == (once.code, once.out.count("✓"))


@pytest.mark.spec("1.18")
async def test_applying_says_which_segments_were_made(ask: Ask, tmp_path: Path) -> None:
    folder = write(tmp_path, thanks=THANKS)

    first = await ask("campaigns", "apply", folder)
    again = await ask("campaigns", "apply", folder)

    assert ["thanks", "big-spenders", "staff"] == [line.split()[2] for line in first.out.splitlines()]
    assert ["= campaign thanks  version 1, unchanged, draft"] == again.out.splitlines()
    assert "building" in (await ask("segments", "show", "big-spenders")).out


@pytest.mark.spec("1.18")
async def test_a_segment_that_is_another_one_already_is_refused_with_the_line(ask: Ask, tmp_path: Path) -> None:
    folder = write(tmp_path, thanks=THANKS)
    await ask("campaigns", "apply", folder)
    folder = write(tmp_path, thanks=THANKS.replace("100", "200"))

    offline = await ask("campaigns", "validate", folder)
    checked = await ask("campaigns", "validate", folder, "--server")
    saved = await ask("campaigns", "apply", folder)

    assert [0, 1, 1] == [one.code for one in (offline, checked, saved)]
    assert ["thanks.yaml:6  trigger.segments.big-spenders"] == lines(saved.err) == lines(checked.err)
    assert "sojourn segments apply" in " ".join(saved.err.split())


@pytest.mark.spec("3.15")
async def test_with_a_server_circles_by_way_of_what_exists_are_found(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    await ask("segments", "apply", write(tmp_path / "old", c=segment("C", "{in: a}")))
    (tmp_path / "new").mkdir()
    folder = write(tmp_path / "new", a=segment("A", "{in: b}"), b=segment("B", "{in: c}"))

    offline = await ask("segments", "validate", folder)
    checked = await ask("segments", "validate", folder, "--server")

    assert (0, 1) == (offline.code, checked.code)
    assert ["b.yaml:2  condition"] == lines(checked.err)
    assert "b → c → a → b" in checked.err


async def test_with_a_server_what_only_it_knows_is_told_and_nothing_is_saved(ask: Ask, tmp_path: Path) -> None:
    await ask("segments", "apply", write(tmp_path, vip=segment("VIP", "{attribute: vip, is_true: true}")))
    await ask("segments", "archive", "vip")
    folder = write(tmp_path, friends=segment("Friends", "{in: nowhere}"))

    checked = await ask("segments", "validate", folder, "--server")

    assert (1, ["vip.yaml:1"]) == (checked.code, lines(checked.err))
    assert "archived" in checked.err
    assert "There is no segment `nowhere` yet." in checked.err
    assert "friends" not in (await ask("segments", "list")).out


NO_SENDER = "name: Hello\ntrigger: {event: x}\nworkflow:\n  - email: {id: a, subject: a, body: a}\n"
NEVER_STARTS = "name: Never\ntrigger: {date: birthday, every: year, at: '09:00', timezone: UTC}\nworkflow:\n"
NEVER_STARTS += (
    "  - email: {id: a, from: a@b.example, subject: '{{ event.x }}', body: a}\n  - delay: 1h\n  - exit\n  - exit\n"
)


def marks(said: str) -> list[tuple[str, str]]:
    """Return mark, and line and place, of everything that was found in files."""
    return re.findall(r"^([✗!]) \S*?yaml:(.*)", said, re.MULTILINE)


@pytest.mark.spec("12.02", "12.03")
def test_what_keeps_a_campaign_from_starting_looks_other_than_a_warning_and_fails_the_check(tmp_path: Path) -> None:
    folder = write(tmp_path, never=NEVER_STARTS, hello=NO_SENDER)

    checked = typed("campaigns", "validate", folder)

    assert 1 == checked.code
    assert [
        ("!", "4  workflow[0].email"),
        ("✗", "4  workflow[0].email.subject"),
        ("!", "7  workflow[3].exit"),
    ] == marks(checked.err)
    assert ["✓", "✗"] == [line[0] for line in checked.out.splitlines()]
    assert checked.out.rstrip().endswith("campaign never, which would not start")
    assert "1 of 2 documents can be saved, and a start would be refused." in checked.err


@pytest.mark.spec("12.02")
async def test_a_draft_that_would_not_start_is_saved_and_told_so(ask: Ask, tmp_path: Path) -> None:
    folder = write(tmp_path, never=NEVER_STARTS)

    saved = await ask("campaigns", "apply", folder)
    started = await ask("campaigns", "start", "never")

    assert (0, 1) == (saved.code, started.code)
    assert "never is saved. A start is refused until what is marked ✗ is mended." in saved.err
    refused = [place for mark, place in marks(saved.err) if mark == "✗"]
    assert ["4  workflow[0].email.subject"] == refused
    assert re.findall(r"✗ (.*)", started.err) == [place.split("  ")[1] for place in refused]


@pytest.mark.spec("12.02")
async def test_a_missing_sender_is_an_error_only_to_whom_can_know(ask: Ask, tmp_path: Path) -> None:
    folder = write(tmp_path, hello=NO_SENDER)

    offline = await ask("campaigns", "validate", folder)
    checked = await ask("campaigns", "validate", folder, "--server")

    assert (0, 1) == (offline.code, checked.code)
    assert [("!", "4  workflow[0].email")] == marks(offline.err)
    assert "whether there is a default one only the API knows" in offline.err
    assert ("✗", "4  workflow[0].email") in marks(checked.err)


async def test_with_a_server_a_segment_among_the_files_is_not_missed(ask: Ask, tmp_path: Path) -> None:
    thanks = THANKS.replace("workflow:", "filters: {in: friends}\nworkflow:\n  - update_segment: {add: greeted}")
    files = {
        "friends": segment("Friends", "{in: people}"),
        "people": segment("People", "{attribute: a, exists: true}"),
        "greeted": "name: Greeted\nmanual: true\n",
    }
    alone = write(tmp_path, thanks=thanks, friends=files.pop("friends"))

    missed = await ask("campaigns", "validate", alone, "--server")
    checked = await ask("campaigns", "validate", write(tmp_path, **files), "--server")

    assert (1, 0) == (missed.code, checked.code)
    assert [("!", "2  condition"), ("✗", "12  workflow[0].update_segment")] == marks(missed.err)
    assert [] == marks(checked.err)


@pytest.mark.parametrize(
    ("condition", "place"),
    [("{in: friends}", "condition"), ("{in: 5}", "condition.in")],
    ids=["in a circle", "with another fault"],
)
async def test_with_a_server_a_segment_in_a_file_with_faults_is_not_missed_either(
    ask: Ask, tmp_path: Path, condition: str, place: str
) -> None:
    files = {"friends": segment("Friends", condition), "people": segment("People", "{in: friends}")}

    checked = await ask("segments", "validate", write(tmp_path, **files), "--server")

    assert (1, [("✗", f"2  {place}")]) == (checked.code, marks(checked.err))
    assert "There is no segment" not in checked.err


@pytest.mark.spec("12.03")
async def test_nobody_matches_is_not_said_of_segments_that_are_not_there(ask: Ask, tmp_path: Path) -> None:
    gold = "name: Gold\ntrigger: {condition: {in: gold}}\nfrom: a@b.example\nworkflow:\n"
    gold += "  - email: {id: a, subject: a, body: a}\n"

    missing = await ask("campaigns", "validate", write(tmp_path, hello=gold), "--server")
    segments = {"gold": segment("Gold", "{attribute: a, exists: true}")}
    together = await ask("campaigns", "validate", write(tmp_path, **segments), "--server")

    assert "There is no segment `gold`." in missing.err
    assert "✗" not in together.err
    assert "Nobody matches" not in missing.err + together.err
