"""A submission is two things: what a person says about themselves, and an event of theirs (behaviour 1.83-1.88).

What is said is written first, so whoever looks at the event sees the person as the submission left them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine import forms
from engine.entry import Event
from engine.instants import parse_instant
from intake.attaching import identify
from intake.batch import Batch
from intake.people import named
from storage.forms import FormType
from storage.inbox import Input


def submission(
    form_id: str,
    form_type: FormType,
    fields: Mapping[str, str],
    mapping: Mapping[str, str],
    *,
    key: str | None = None,
    at: datetime | None = None,
) -> dict[str, Any]:
    """Return the payload of an input of kind `form`.

    Args:
        form_id: the form.
        form_type: whose.
        fields: what was submitted.
        mapping: of the form, from fields to attributes.
        key: what makes a repeat one and the same submission.
        at: when it was submitted, if that was before its receipt.

    Raises InputError if the fields do not say who it is of.
    """
    read = forms.read(fields, mapping)
    return {
        "form": form_id,
        "type": form_type,
        "fields": dict(fields),
        "who": dict(read.who),
        "attributes": dict(read.attributes),
        "id": key,
        "timestamp": at and at.timestamp(),
    }


def submit(batch: Batch, item: Input) -> None:
    """Apply an input of kind `form`."""
    who = named(item.payload["who"])
    if batch.is_blocked(who) or batch.is_repeated(item):
        return
    person = identify(batch, who, item.payload["attributes"], at=item.received_at)
    if person is None:
        return
    batch.happen(
        person,
        Event(
            id=item.id,
            kind="form",
            name=item.payload["form"],
            data=item.payload["fields"],
            occurred_at=parse_instant(item.payload.get("timestamp")) or item.received_at,
            received_at=item.received_at,
            depth=batch.depth,
        ),
    )
