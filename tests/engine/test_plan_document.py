"""How blocks are written, called and refused."""

from __future__ import annotations

from typing import Any

import pytest

from engine import campaigns
from engine.plan_document import LONGEST_AUTOMATIC_ID, MOST_BLOCKS, MOST_DEPTH
from tests.engine.builders import campaign, document, email, faults_of


def ids(*workflow: Any) -> list[str]:
    return list(campaign(*workflow).plan.blocks)


def branch(**fields: Any) -> dict[str, Any]:
    return {"branch": {"if": {"attribute": "plan", "equals": "pro"}, **fields}}


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = email()
    for _ in range(depth - 1):
        inner = {"branch": {"id": f"b{_}", "then": [inner]}}
    return inner


def test_a_block_without_an_id_is_called_after_what_stands_before_it() -> None:
    assert [
        "start.delay",
        "one",
        "one.branch",
        "one.branch.then.delay",
        "one.branch.then.delay.update_person",
        "two",
        "two.delay",
        "one.branch.exit",
    ] == ids(
        {"delay": "1h"},
        email("one"),
        branch(
            then=[{"delay": "1h"}, {"update_person": {"set": {"x": 1}}}], **{"else": [email("two"), {"delay": "1d"}]}
        ),
        "exit",
    )


def test_edits_elsewhere_do_not_move_an_automatic_id() -> None:
    tail: list[Any] = [email("anchor"), {"delay": "1h"}, branch(then=[{"delay": "2h"}])]

    assert ids(*tail)[1:] == ids({"delay": "1d"}, email("new"), branch(then=[email("x")]), *tail)[-3:]


def test_an_automatic_id_gives_way_to_a_written_one() -> None:
    written = {"delay": {"id": "start.delay", "for": "2h"}}

    assert ["start.delay-2", "start.delay"] == ids({"delay": "1h"}, written)


def test_a_normalised_document_keeps_its_ids_when_blocks_are_put_before_others() -> None:
    normal = campaigns.to_document(campaign(email("one"), {"delay": "1h"}, email("two")))
    normal["workflow"].insert(1, email("new"))

    assert ["one", "new", "one.delay", "two"] == list(campaigns.parse(normal).plan.blocks)


@pytest.mark.parametrize(
    ("workflow", "place", "remedy"),
    [
        ({"delay": "1h"}, "workflow", "Write `- delay: 1h`."),
        ([], "workflow", "Write one, such as `- exit`."),
        ([{"dealy": "1h"}], "workflow[0].dealy", "Did you mean `delay`?"),
        ([{"fax": {}}], "workflow[0].fax", "Write one of `batch_update`, `branch`"),
        (["delay"], "workflow[0]", "Write `delay:` and what it needs."),
        (["later"], "workflow[0]", "Write one of"),
        ([{}], "workflow[0]", "Write one of"),
        ([{"delay": "1h", "if": {}}], "workflow[0]", "Write it inside: `delay: {…}`."),
        ([{"delay": "soon"}], "workflow[0].delay.for", "Write minutes"),
        ([{"delay": {}}], "workflow[0].delay.for", "Write how long"),
        ([{"delay": {"for": "1h", "fro": 1}}], "workflow[0].delay.fro", "Did you mean `for`?"),
        ([{"delay": {"for": "1h", "subject": "a"}}], "workflow[0].delay.subject", "It belongs into `email`."),
        ([{"delay": {"for": "1h", "people": {}}}], "workflow[0].delay.people", "It belongs into `batch_update`."),
        ([email(url="https://a.example")], "workflow[0].email.url", "It belongs into `webhook`."),
        ([{"delay": {"for": "1h", "id": "A b"}}], "workflow[0].delay.id", "Write a-z"),
        ([{"delay": {"for": "1h", "id": "a" * 61}}], "workflow[0].delay.id", "at most 60"),
        ([{"delay": {"for": "1h", "id": 7}}], "workflow[0].delay.id", "Write a-z"),
        ([{"email": {"subject": "x", "body": "y"}}], "workflow[0].email.id", "such as `id: welcome`"),
        ([{"email": {"id": "a.b", "subject": "x", "body": "y"}}], "workflow[0].email.id", "Write a-z"),
        ([email("one"), email("one")], "workflow[1].email.id", "an id of its own"),
        ([{"branch": {"then": {}}}], "workflow[0].branch.then", "Write `- delay: 1h`."),
        ([branch(then=[email(subject="")])], "workflow[0].branch.then[0].email.subject", "Write a text"),
        ([branch(**{"else": [{"x": 1}]})], "workflow[0].branch.else[0].x", "Write one of"),
        ([{"exit": {"if": {}}}], "workflow[0].exit.if", "Known here: id."),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(workflow: Any, place: str, remedy: str) -> None:
    fault = faults_of({**document(), "workflow": workflow})[0]

    assert place == fault.place
    assert remedy in fault.remedy


def test_there_are_bounds_on_size_and_depth() -> None:
    assert () == faults_of(document(nested(MOST_DEPTH)))
    assert "nested" in faults_of(document(nested(MOST_DEPTH + 1)))[0].problem

    pauses = [{"delay": {"id": f"d{number}", "for": "1m"}} for number in range(MOST_BLOCKS)]
    assert () == faults_of(document(*pauses))
    assert [f"workflow[{MOST_BLOCKS}]"] == [fault.place for fault in faults_of(document(*pauses, email()))]


def test_a_long_row_of_blocks_without_ids_is_refused_before_their_ids_become_unreadable() -> None:
    row = [{"delay": "1m"} for _ in range(LONGEST_AUTOMATIC_ID)]

    assert "Write one, such as `id: pause`." == faults_of(document(*row))[0].remedy
