from __future__ import annotations

from typing import Any

from engine.errors import Fault
from engine.file_references import inline_files
from tests.engine.builders import document, email, faults_of

FILES = {"emails/nudge.html": "<p>Hello</p>", "emails/nudge.txt": "Hello"}


def read(path: str) -> str:
    if path not in FILES:
        raise FileNotFoundError(2, "No such file or directory")
    return FILES[path]


def test_files_of_emails_are_read_wherever_they_stand() -> None:
    written = email(body={"file": "emails/nudge.html"}, text={"file": "emails/nudge.txt"})
    plain = email(body="<p>Hello</p>", text="Hello")
    faults: list[Fault] = []

    inlined = inline_files(document({"branch": {"then": [written]}}), read, faults)

    assert document({"branch": {"then": [plain]}}) == inlined
    assert [] == faults


def test_the_variation_of_a_test_has_files_of_its_own() -> None:
    written = email(body="<p>A</p>", ab_test={"share": 30, "body": {"file": "emails/nudge.html"}})

    inlined = inline_files(document(written), read, [])
    faults: list[Fault] = []
    inline_files(document(email(ab_test={"text": {"file": "emails/x.txt"}})), read, faults)

    assert document(email(body="<p>A</p>", ab_test={"share": 30, "body": "<p>Hello</p>"})) == inlined
    assert ["workflow[0].email.ab_test.text.file"] == [fault.place for fault in faults]


def test_a_file_that_cannot_be_read_is_a_fault_with_its_place() -> None:
    faults: list[Fault] = []

    inline_files(document({"branch": {"then": [email(body={"file": "emails/x.html"})]}}), read, faults)

    [fault] = faults
    assert "workflow[0].branch.then[0].email.body.file" == fault.place
    assert '"emails/x.html" cannot be read: No such file or directory.' == fault.problem


def test_only_message_texts_are_files() -> None:
    untouched = document({"update_person": {"set": {"body": {"file": "emails/nudge.html"}}}})

    assert untouched == inline_files(untouched, read, [])


def test_documents_of_any_shape_pass_through_for_parse_to_judge() -> None:
    shapes: list[Any] = [None, 7, {"workflow": 7}, {"workflow": [7, {}, {"email": 7}, {"a": 1, "b": 2}]}]

    assert shapes == [inline_files(shape, read, []) for shape in shapes]


def test_a_file_that_was_not_read_is_refused() -> None:
    [named] = faults_of(document(email(body={"file": "emails/nudge.html"})))
    [bare] = faults_of(document(email(body="emails/nudge.html")))

    assert "has not been read" in named.problem
    assert "Write {file: emails/nudge.html} to have it read." == bare.remedy
