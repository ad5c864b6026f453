from __future__ import annotations

import pytest

from channels.channel import Channel, Email
from channels.channels import Channels
from channels.smtp import SmtpChannel
from engine.errors import ConfigurationError


def test_a_channel_is_found_by_its_name() -> None:
    channel: Channel[Email] = SmtpChannel("127.0.0.1", 25)

    assert channel is Channels(channel)["email"]


def test_a_channel_that_is_not_configured_is_named_with_those_that_are() -> None:
    with pytest.raises(ConfigurationError, match=r"'sms'; configured: email\."):
        Channels(SmtpChannel("127.0.0.1", 25))["sms"]


async def test_closing_closes_every_channel() -> None:
    class Closing(SmtpChannel):
        closed = False

        async def close(self) -> None:
            self.closed = True

    channel = Closing("127.0.0.1", 25)
    await Channels(channel).close()

    assert channel.closed
