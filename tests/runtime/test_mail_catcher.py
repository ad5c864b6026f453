"""The mail catcher, over real SMTP and real HTTP."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from channels.channel import Email
from channels.smtp import SmtpChannel
from runtime.mail_catcher import MailCatcher

_EMAIL = Email(
    key="k",
    date=datetime(2024, 5, 6, tzinfo=UTC),
    sender="Shop <news@shop.example>",
    to="Ada <ada@example.com>",
    subject="Grüße",
    html="<p>Hi</p>",
)


@pytest.fixture
async def catcher(tmp_path: Path) -> AsyncIterator[MailCatcher]:
    async with MailCatcher(folder=tmp_path) as catcher:
        yield catcher


@pytest.fixture
async def pages(catcher: MailCatcher) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{catcher.http_port}") as pages:
        yield pages


async def send(catcher: MailCatcher, *emails: Email) -> None:
    channel = SmtpChannel("127.0.0.1", catcher.smtp_port)
    for email in emails:
        await channel.hand_over(email)
    await channel.close()


def files(folder: Path) -> int:
    return len(list(folder.iterdir()))


async def test_a_mail_is_caught_with_its_envelope_and_its_time(catcher: MailCatcher, pages: httpx.AsyncClient) -> None:
    before = time.time()
    await send(catcher, replace(_EMAIL, bcc=("boss@example.com",)))

    answer = (await pages.get("/api/messages")).json()

    assert 1 == answer["received"]
    [mail] = answer["messages"]
    assert ["ada@example.com", "boss@example.com"] == mail["to"]
    assert ("news@shop.example", "Grüße") == (mail["from"], mail["subject"])
    assert mail["headers"]["Message-ID"] == mail["message_id"]
    assert before - 0.001 <= mail["received_at"] <= time.time()


async def test_mails_are_found_by_recipient_and_time_newest_first(
    catcher: MailCatcher, pages: httpx.AsyncClient
) -> None:
    await send(catcher, *(replace(_EMAIL, to=to, subject=to) for to in ("a@example.com", "b@example.com")))
    first, second = reversed((await pages.get("/api/messages")).json()["messages"])

    async def subjects(**query: str | float) -> list[str]:
        found = (await pages.get("/api/messages", params=query)).json()["messages"]
        return [mail["subject"] for mail in found]

    assert ["b@example.com", "a@example.com"] == await subjects()
    assert ["a@example.com"] == await subjects(to="A@example.com")
    assert ["b@example.com"] == await subjects(since=second["received_at"])
    assert [] == await subjects(to="a@example.com", since=first["received_at"] + 0.001)


async def test_a_time_that_is_none_is_refused(pages: httpx.AsyncClient) -> None:
    answer = await pages.get("/api/messages", params={"since": "yesterday"})

    assert 400 == answer.status_code


async def test_mails_outlive_a_restart(tmp_path: Path) -> None:
    async with MailCatcher(folder=tmp_path, http_port=None) as catcher:
        await send(catcher, _EMAIL)
        [before] = catcher.mails.find()
        content = catcher.mails.content(before.id)

    async with MailCatcher(folder=tmp_path, http_port=None) as catcher:
        assert [before] == list(catcher.mails.find())
        assert content == catcher.mails.content(before.id)
        assert 0 == catcher.mails.received


async def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    async with MailCatcher(folder=tmp_path, http_port=None, capacity=2) as catcher:
        await send(catcher, *(replace(_EMAIL, subject=subject) for subject in "abc"))

        assert ["c", "b"] == [mail.headers["Subject"] for mail in catcher.mails.find()]
        assert 3 == catcher.mails.received

    assert 2 == files(tmp_path)


async def test_all_mails_can_be_deleted(catcher: MailCatcher, pages: httpx.AsyncClient, tmp_path: Path) -> None:
    await send(catcher, _EMAIL)

    answer = await pages.delete("/api/messages")

    await catcher.mails.written()
    assert 204 == answer.status_code
    assert [] == (await pages.get("/api/messages")).json()["messages"]
    assert 0 == files(tmp_path)


async def test_a_disk_that_fails_costs_no_mail(
    catcher: MailCatcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    await send(catcher, _EMAIL)
    await catcher.mails.written()

    [mail] = catcher.mails.find()

    assert b"Message-ID" in (catcher.mails.content(mail.id) or b"")
    assert "could not be written" in caplog.text


async def test_the_list_shows_who_got_what(catcher: MailCatcher, pages: httpx.AsyncClient) -> None:
    assert "No mail yet." in (await pages.get("/")).text
    await send(catcher, _EMAIL)

    page = (await pages.get("/")).text

    assert "ada@example.com" in page
    assert "Grüße" in page
    assert "No mail yet." in (await pages.get("/", params={"to": "bob@example.com"})).text


async def test_what_a_mail_brings_along_is_never_run(catcher: MailCatcher, pages: httpx.AsyncClient) -> None:
    script = "<script>alert(1)</script>"
    await send(catcher, replace(_EMAIL, subject=script, html=f'<p title="\'">{script}</p>', text=script))
    [mail] = catcher.mails.find()

    for path in ("/", f"/messages/{mail.id}", "/?to=%3Cscript%3E"):
        page = await pages.get(path)

        assert "<script" not in page.text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "script-src" not in page.headers["Content-Security-Policy"]

    mail_page = (await pages.get(f"/messages/{mail.id}")).text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in mail_page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in mail_page


async def test_a_header_of_a_mail_cannot_pass_for_the_envelope(catcher: MailCatcher) -> None:
    await send(catcher, replace(_EMAIL, headers={"X-Envelope-To": "eve@example.com"}))

    [mail] = catcher.mails.find()

    assert ["ada@example.com"] == mail.recipients


@pytest.mark.parametrize("path", ["/messages/nothing", "/messages/..%2F..%2Fetc%2Fpasswd", "/elsewhere"])
async def test_what_is_not_there_is_not_found(pages: httpx.AsyncClient, path: str) -> None:
    answer = await pages.get(path)

    assert 404 == answer.status_code
