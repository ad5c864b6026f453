"""One request, one outcome; real connections on the loopback interface."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.channel import Call, Refused, TryLater
from channels.webhook import LARGEST_ANSWER, PATIENCE, WebhookChannel
from tests.receiver import Answer, Receiver

CERTIFICATE = Path(__file__).with_name("localhost.pem")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def channel() -> AsyncIterator[WebhookChannel]:
    channel = WebhookChannel(patience=2)
    yield channel
    await channel.close()


def call(url: str, **fields: Any) -> Call:
    return Call(**{"key": "7:crm:1", "method": "POST", "url": url, "idempotency_key": "abc"} | fields)


async def test_a_request_arrives_as_it_was_made(channel: WebhookChannel, receiver: Receiver) -> None:
    headers = {"X-Token": "t", "Content-Type": "application/json", "X-Name": "Zoë"}
    sent = call(f"{receiver.url}/people?a=1", method="PUT", headers=headers, body='{"name": "Zoë"}')
    done = await channel.hand_over(sent)
    (request,) = receiver.requests
    assert ("PUT", "/people?a=1", '{"name": "Zoë"}') == (request.method, request.target, request.body)
    assert ("t", "application/json", "Zoë") == tuple(request.headers[name.lower()] for name in headers)
    assert ("abc", "Sojourn", receiver.authority) == (
        request.headers["idempotency-key"],
        request.headers["user-agent"],
        request.headers["host"],
    )
    assert (200, {}) == (done.status, done.answer)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
async def test_every_method_is_sent(channel: WebhookChannel, receiver: Receiver, method: str) -> None:
    await channel.hand_over(call(receiver.url, method=method))
    assert (method, "") == (receiver.requests[0].method, receiver.requests[0].body)


async def test_credentials_in_the_url_are_sent_as_basic_ones(channel: WebhookChannel, receiver: Receiver) -> None:
    await channel.hand_over(call(f"http://ada:p%40ss@{receiver.authority}/x"))
    (request,) = receiver.requests
    assert "Basic " + base64.b64encode(b"ada:p@ss").decode() == request.headers["authorization"]
    assert "/x" == request.target


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        (Answer(status=201, body='{"id": [7]}'), {"id": [7]}),
        (Answer(status=204, body=""), None),
        (Answer(body="<html>"), None),
        (Answer(body=b"\xff"), None),
        (Answer(body='"' + "x" * LARGEST_ANSWER + '"'), None),
    ],
)
async def test_what_is_taken_may_be_answered_with_json(
    channel: WebhookChannel, receiver: Receiver, answer: Answer, value: Any
) -> None:
    receiver.always = answer
    done = await channel.hand_over(call(receiver.url))
    assert (answer.status, value) == (done.status, done.answer)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 599])
async def test_what_may_pass_is_to_be_tried_later(channel: WebhookChannel, receiver: Receiver, status: int) -> None:
    receiver.always = Answer(status=status)
    with pytest.raises(TryLater, match=str(status)) as raised:
        await channel.hand_over(call(receiver.url))
    assert (status, None) == (raised.value.status, raised.value.after)


@pytest.mark.parametrize("status", [300, 304, 400, 401, 404, 410, 418, 422])
async def test_any_other_answer_is_a_refusal(channel: WebhookChannel, receiver: Receiver, status: int) -> None:
    receiver.always = Answer(status=status)
    with pytest.raises(Refused, match=str(status)) as raised:
        await channel.hand_over(call(receiver.url))
    assert status == raised.value.status


async def test_a_redirect_is_not_followed(channel: WebhookChannel, receiver: Receiver) -> None:
    receiver.answers = [Answer(status=302, headers={"Location": f"{receiver.url}/elsewhere"})]
    with pytest.raises(Refused):
        await channel.hand_over(call(f"{receiver.url}/here"))
    assert ["/here"] == [request.target for request in receiver.requests]


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"Retry-After": "120"}, timedelta(minutes=2)),
        ({"Retry-After": "9999999"}, timedelta(days=1)),
        (
            {"Retry-After": "Tue, 01 Jun 2027 09:05:00 GMT", "Date": "Tue, 01 Jun 2027 09:00:00 GMT"},
            timedelta(minutes=5),
        ),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Tue, 01 Jun 2027 09:05:00 GMT"}, None),
    ],
)
async def test_a_receiver_says_how_long_to_wait(
    channel: WebhookChannel, receiver: Receiver, headers: dict[str, str], after: timedelta | None
) -> None:
    receiver.always = Answer(status=503, headers=headers)
    with pytest.raises(TryLater) as raised:
        await channel.hand_over(call(receiver.url))
    assert after == raised.value.after


@pytest.mark.spec("6.41")
async def test_a_receiver_that_does_not_answer_in_time_is_tried_later(receiver: Receiver) -> None:
    assert 10 == PATIENCE
    channel = WebhookChannel(patience=0.05)
    receiver.always = Answer(silent=True)
    with pytest.raises(TryLater, match=r"within 0\.05 seconds"):
        await channel.hand_over(call(receiver.url))
    await channel.close()


async def test_a_receiver_that_hangs_up_is_tried_later(channel: WebhookChannel, receiver: Receiver) -> None:
    receiver.always = Answer(hangs_up=True)
    with pytest.raises(TryLater, match="No connection"):
        await channel.hand_over(call(receiver.url))


@pytest.mark.spec("6.41")
async def test_a_receiver_that_is_not_there_is_tried_later(channel: WebhookChannel) -> None:
    async with Receiver() as gone:
        url = gone.url
    with pytest.raises(TryLater, match="No connection"):
        await channel.hand_over(call(url))


@pytest.mark.parametrize("url", ["ftp://x.example", "http://[::1", "http://a\x00b/", "mailto:x"])
async def test_what_is_no_url_is_refused_and_not_quoted(channel: WebhookChannel, url: str) -> None:
    with pytest.raises(Refused, match="malformed"):
        await channel.hand_over(call(url))


async def test_no_answer_makes_the_next_request_say_anything(channel: WebhookChannel, receiver: Receiver) -> None:
    receiver.answers = [Answer(headers={"Set-Cookie": "session=ada; Path=/"})]
    await channel.hand_over(call(receiver.url))
    await channel.hand_over(call(receiver.url))
    assert ["cookie" in request.headers for request in receiver.requests] == [False, False]


async def test_a_certificate_that_nobody_vouches_for_is_no_connection(channel: WebhookChannel) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE)
    trusting = WebhookChannel(tls_context=ssl.create_default_context(cafile=str(CERTIFICATE)))
    async with Receiver(tls=tls) as receiver:
        url = receiver.url.replace("127.0.0.1", "localhost")
        with pytest.raises(TryLater, match="CERTIFICATE_VERIFY_FAILED"):
            await channel.hand_over(call(url))
        assert 200 == (await trusting.hand_over(call(url))).status
        await trusting.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "[::ffff:a00:1]"])
async def test_private_hosts_can_be_denied(receiver: Receiver, host: str) -> None:
    channel = WebhookChannel(deny_private=True)
    port = receiver.authority.rpartition(":")[2]
    with pytest.raises(Refused, match="private address"):
        await channel.hand_over(call(f"http://{host}:{port}/"))
    assert [] == receiver.requests
    await channel.close()


async def test_a_public_host_is_asked_at_the_address_that_was_judged(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def found(*_: object, **__: object) -> list[Any]:
        return [(0, 0, 0, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
    monkeypatch.setattr("channels.public_hosts.is_public", lambda _: True)
    channel = WebhookChannel(deny_private=True)
    port = receiver.authority.rpartition(":")[2]
    await channel.hand_over(call(f"http://ada:x@crm.example:{port}/"))
    (request,) = receiver.requests
    assert f"crm.example:{port}" == request.headers["host"]
    assert request.headers["authorization"].startswith("Basic ")
    await channel.close()
