from __future__ import annotations

import json

from tests.cli.management.conftest import Ask


async def test_an_address_is_suppressed_listed_and_freed(ask: Ask) -> None:
    suppressed = await ask("addresses", "suppress", "Ada/Desk@Example.com", "--reason", "bounced")
    listed = await ask("addresses", "list")
    freed = await ask("addresses", "free", "ada/desk@example.com")
    left = await ask("addresses", "list", "--json")

    since = "2026-11-24 12:00:00"
    assert f"ada/desk@example.com gets nothing (bounced, since {since} UTC).\n" == suppressed.out
    assert ["ada/desk@example.com", "bounced", *since.split()] == listed.out.split()[-4:]
    assert (0, "ada/desk@example.com can be mailed again.\n") == (freed.code, freed.out)
    assert [] == json.loads(left.out)


async def test_what_cannot_be_done_is_said(ask: Ask) -> None:
    free = await ask("addresses", "free", "bob@example.com")
    none = await ask("addresses", "list")
    odd = await ask("addresses", "suppress", "bob")

    said = 'The address "bob@example.com" is not suppressed. Nothing is withheld from it; check it.'
    assert (1, said) == (free.code, free.err)
    assert "No suppressed addresses.\n" == none.out
    assert (1, True) == (odd.code, "is not an email address" in odd.err)
