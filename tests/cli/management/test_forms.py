from __future__ import annotations

import json

from storage import forms
from storage.database import Pool
from tests.cli.management.conftest import NOW, Ask


async def test_a_form_is_listed_shown_and_mapped(ask: Ask, pool: Pool, workspace: int) -> None:
    async with pool.acquire() as connection:
        await forms.ensure(connection, workspace, "newsletter", "form", ["mail", "Vorname"], now=NOW)

    listed = await ask("forms", "list")
    first = await ask("forms", "map", "newsletter", "mail=email", "Vorname=first_name")
    second = await ask("forms", "map", "newsletter", "Vorname=", "--json")
    shown = await ask("forms", "show", "newsletter")

    assert "newsletter" in listed.out
    assert (0, True) == (first.code, "first_name" in first.out), first.err
    assert {"mail": "email"} == json.loads(second.out)["mapping"]
    rows = [line.split() for line in shown.out.splitlines()]
    assert ["mail", "email"] in rows
    assert ["Vorname", "Vorname"] in rows


async def test_a_form_may_be_mapped_before_its_first_submission(ask: Ask) -> None:
    mapped = await ask("forms", "map", "later", "mail=email")
    refused = [await ask("forms", "map", "later", pair) for pair in ("mail", "=email", "mail=cio_id")]

    assert (0, [1, 1, 1]) == (mapped.code, [one.code for one in refused])
    assert "no attribute that a form can write" in refused[2].err


async def test_leads_that_wait_are_listed_with_the_reason(ask: Ask, pool: Pool, workspace: int) -> None:
    await pool.execute(
        "INSERT INTO leads (workspace_id, lead_id, form_id, received_at, attempts, last_error) "
        "VALUES ($1, '123', 'f1', $2, 3, 'Facebook answered 400, code 190.')",
        workspace,
        NOW,
    )

    listed = await ask("forms", "leads")
    retried = await ask("forms", "retry-leads")

    text = " ".join(listed.out.split())
    assert all(part in text for part in ("123", "f1", "given up", "code 190")), listed.out
    assert "1 lead is tried again.\n" == retried.out
