from __future__ import annotations

import json
from pathlib import Path

import pytest

from storage.database import Pool
from tests.cli.management.conftest import NOW, Ask
from tests.records import add_person


@pytest.fixture
async def vips(ask: Ask, pool: Pool, workspace: int) -> Ask:
    """A manual segment, and ada and bob, whom we know."""
    for name in ("ada", "bob"):
        await add_person(pool, workspace, NOW, id=name, email=f"{name}@example.com")
    made = await ask("segments", "create-manual", "VIPs", "--description", "By hand")
    assert 0 == made.code, made.err
    return ask


async def taken(pool: Pool) -> list[tuple[str, str, list[str]]]:
    """Return what is in the inbox: change, kind of identifiers, identifiers."""
    rows = await pool.fetch("SELECT payload FROM inbox ORDER BY id")
    return [(row["payload"]["change"], row["payload"]["by"], row["payload"]["ids"]) for row in rows]


async def test_a_manual_segment_is_made_and_shown(vips: Ask) -> None:
    shown = await vips("segments", "show", "vips")
    again = await vips("segments", "create-manual", "VIPs")

    assert all(part in shown.out for part in ("VIPs", "By hand", "manual", "ready", "no campaign")), shown.out
    assert (1, True) == (again.code, "already" in again.err)


@pytest.mark.spec("3.20", "3.21")
async def test_people_are_added_and_removed_and_strangers_printed(vips: Ask, pool: Pool) -> None:
    added = await vips("segments", "add", "vips", "ada", "nobody", "bob")
    removed = await vips("segments", "remove", "vips", "ADA@example.com", "x@example.com", "--by", "email", "--json")

    assert (0, "nobody\n") == (added.code, added.out)
    assert "2 are added to vips." in added.err
    assert {"taken": 1, "unknown": ["x@example.com"]} == json.loads(removed.out)
    assert [("add", "id", ["ada", "bob"]), ("remove", "email", ["ADA@example.com"])] == await taken(pool)


@pytest.mark.spec("3.20", "3.21")
async def test_a_csv_file_is_imported_a_thousand_people_at_a_time(vips: Ask, pool: Pool, tmp_path: Path) -> None:
    strangers = [f"p{number}@example.com" for number in range(1500)]
    people = ["ada@example.com", *strangers, "bob@example.com", "ada@example.com", " "]
    file = tmp_path / "people.csv"
    file.write_text("\ufeffname,email\n" + "".join(f'"A, B",{one}\n' for one in people), encoding="utf-8")

    found = await vips("segments", "import", "vips", "people.csv", "--by", "email", "--unknown", "strangers.txt")

    assert (0, "") == (found.code, found.out), found.err
    assert "1500 are not known" in found.err
    assert strangers == (tmp_path / "strangers.txt").read_text(encoding="utf-8").splitlines()
    assert [("add", "email", ["ada@example.com"]), ("add", "email", ["bob@example.com"])] == await taken(pool)


async def test_the_column_may_have_another_name(vips: Ask, pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("customer\nada\nnobody\n", encoding="utf-8")

    wrong = await vips("segments", "import", "vips", "people.csv")
    right = await vips("segments", "import", "vips", "people.csv", "--column", "customer")

    assert (1, True) == (wrong.code, "Its columns are: customer." in wrong.err)
    assert (0, "nobody\n", [("add", "id", ["ada"])]) == (right.code, right.out, await taken(pool))


async def test_an_empty_file_is_said_to_be_empty(vips: Ask, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id\n", encoding="utf-8")

    assert 1 == (await vips("segments", "import", "vips", "people.csv")).code


async def test_clearing_asks_first(vips: Ask, pool: Pool) -> None:
    await pool.execute("INSERT INTO segment_members SELECT s.id, p.id, $1 FROM segments s, people p", NOW)

    asked = await vips("segments", "clear", "vips")
    cleared = await vips("segments", "clear", "vips", "--yes")

    assert (1, 0, "2 leave vips.\n") == (asked.code, cleared.code, cleared.out)
    [waiting] = await pool.fetch("SELECT payload FROM inbox")
    assert {"segment": "vips", "change": "clear"} == waiting["payload"]


@pytest.mark.spec("3.31")
async def test_a_segment_is_put_away_brought_back_and_deleted_unless_it_is_used(vips: Ask, tmp_path: Path) -> None:
    (tmp_path / "nudge.yaml").write_text(
        "name: Nudge\ntrigger: {event: bought}\nfilters: {in: vips}\nworkflow: [{delay: 1h}]\n", encoding="utf-8"
    )
    moved = [(await vips("segments", action, "vips")).out for action in ("archive", "unarchive")]
    await vips("campaigns", "apply", "nudge.yaml")
    used = [await vips("segments", action, "vips") for action in ("archive", "delete")]
    await vips("segments", "create-manual", "Others")

    deleted = await vips("segments", "delete", "others")

    assert ["vips is archived.\n", "vips is ready.\n"] == moved
    assert [(1, True)] * 2 == [(one.code, "campaign nudge (draft)" in one.err) for one in used]
    assert (0, 1) == (deleted.code, (await vips("segments", "show", "others")).code)


async def test_a_preview_says_who_would_be_in_and_why_one_is_not(
    ask: Ask, pool: Pool, workspace: int, tmp_path: Path
) -> None:
    await add_person(pool, workspace, NOW, id="ada", plan="pro")
    await add_person(pool, workspace, NOW, id="bob", plan="free")
    path = tmp_path / "pro.yaml"
    path.write_text("name: Pro\ncondition: {attribute: plan, equals: pro}\n")

    everybody = await ask("segments", "preview", str(path))
    bob = await ask("segments", "preview", str(path), "--person", "bob")

    assert (0, 0) == (everybody.code, bob.code)
    assert ("1 match.", True, False) == (everybody.out.splitlines()[0], "ada" in everybody.out, "bob" in everybody.out)
    assert '✗ condition: attribute plan is equal to "pro", seen "free"' in " ".join(bob.out.split())


@pytest.mark.parametrize("content", [None, b"id\n\xff\xfe\n"], ids=["missing", "not UTF-8"])
async def test_a_file_that_cannot_be_read_is_an_error_in_words(
    vips: Ask, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "people.csv"
    if content is not None:
        path.write_bytes(content)

    said = await vips("segments", "import", "vips", str(path))

    assert (1, True, False) == (said.code, "people.csv" in said.err.replace("\n", ""), "Traceback" in said.err)


async def test_a_folder_that_is_not_there_is_noticed_before_anybody_is_added(
    vips: Ask, tmp_path: Path, pool: Pool
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id\nada\n")

    said = await vips("segments", "import", "vips", str(path), "--unknown", str(tmp_path / "no" / "strangers.txt"))

    assert (1, []) == (said.code, await taken(pool))
