"""The processes of production, on servers that they find by environment variables alone."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from cli.ports import free_ports
from runtime.embedded import EmbeddedTemporal
from runtime.mail_catcher import MailCatcher
from runtime.postgres import EmbeddedPostgres
from tests.cli.conftest import Command, Sojourn

RECEIPT = {
    "name": "Receipt",
    "trigger": {"event": "order_completed"},
    "workflow": [{"email": {"id": "receipt", "subject": "Your order {{ event.number }}", "text": "Thank you."}}],
}
SECRET = re.compile(r"^secret: +(\S+)$", re.MULTILINE)


@pytest.fixture
async def catcher(tmp_path: Path) -> AsyncIterator[MailCatcher]:
    """A mail server."""
    async with MailCatcher(folder=tmp_path / "mail", http_port=None) as catcher:
        yield catcher


@pytest.fixture
async def variables(tmp_path: Path, catcher: MailCatcher) -> AsyncIterator[dict[str, str]]:
    """What points at a PostgreSQL and a Temporal that know nothing of us yet."""
    port, temporal_port, postgres_port = free_ports(3)
    async with (
        EmbeddedPostgres(tmp_path / "postgres", port=postgres_port) as postgres,
        EmbeddedTemporal(tmp_path / "temporal", port=temporal_port) as temporal,
    ):
        yield {
            "SOJOURN_DATABASE_URL": postgres.tcp_url,
            "TEMPORAL_ADDRESS": temporal.address,
            "SOJOURN_PORT": str(port),
            "SOJOURN_SMTP_PORT": str(catcher.smtp_port),
            "SOJOURN_SMTP_TLS": "none",
            "SOJOURN_EMAIL_FROM": "Shop <orders@shop.example>",
        }


async def arrived(catcher: MailCatcher) -> None:
    async with asyncio.timeout(30):
        while not catcher.mails.received:
            await asyncio.sleep(0.02)


async def done(command: Command) -> str:
    assert 0 == await command.ends(), command.said
    return command.said


async def test_production_runs_by_variables_alone_from_an_empty_database_to_a_mail(
    sojourn: Sojourn, variables: dict[str, str], catcher: MailCatcher
) -> None:
    early = sojourn("api", **variables)
    assert 1 == await early.ends()
    assert "Run `sojourn migrate`." in early.said

    await done(sojourn("migrate", **variables))
    track = SECRET.findall(await done(sojourn("keys", "create", "track", "--site-id", "shop", **variables)))[0]
    app = SECRET.findall(await done(sojourn("keys", "create", "app", **variables)))[0]
    processes = [sojourn(name, **variables) for name in ("api", "intake", "worker")]
    await processes[0].says("Started server process")

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{variables['SOJOURN_PORT']}") as client:
        bearer = {"Authorization": f"Bearer {app}"}
        for method, path, body in (("PUT", "", RECEIPT), ("POST", "/start", None)):
            answer = await client.request(method, f"/sojourn/v1/campaigns/receipt{path}", json=body, headers=bearer)
            answer.raise_for_status()
        for method, path, sent in (
            ("PUT", "", {"email": "ada@example.com"}),
            ("POST", "/events", {"name": "order_completed", "data": {"number": 7}}),
        ):
            url = f"/api/v1/customers/ada{path}"
            (await client.request(method, url, json=sent, auth=("shop", track))).raise_for_status()
    await arrived(catcher)
    [mail] = catcher.mails.find(to="ada@example.com")
    assert "Your order 7" == mail.headers["Subject"]

    doctor = sojourn("doctor", **variables)
    assert 0 == await doctor.ends(), doctor.said
    for process in processes:
        process.send(signal.SIGTERM)
    assert [0, 0, 0] == [await process.ends() for process in processes]


async def test_a_mistyped_variable_stops_a_process_with_the_right_one(sojourn: Sojourn) -> None:
    command = sojourn("worker", SOJOURN_DATABASE_URI="postgresql://127.0.0.1/sojourn")

    assert 1 == await command.ends()
    assert "Did you mean SOJOURN_DATABASE_URL?" in command.said


async def test_a_word_that_is_no_command_is_a_mistake_in_typing(sojourn: Sojourn) -> None:
    assert 2 == await sojourn("wroker").ends()
