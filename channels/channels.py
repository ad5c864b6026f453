"""The channels of a process by name, built by its composition root."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from channels.channel import Channel
from engine.errors import ConfigurationError


class Channels(Mapping[str, Channel[Any]]):
    """Name → channel."""

    def __init__(self, *channels: Channel[Any]) -> None:
        self._channels = {channel.name: channel for channel in channels}

    def __getitem__(self, name: str) -> Channel[Any]:
        """The channel; raises ConfigurationError if this process has none of that name."""
        try:
            return self._channels[name]
        except KeyError:
            known = ", ".join(sorted(self._channels)) or "none"
            raise ConfigurationError(f"There is no channel {name!r}; configured: {known}.") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._channels)

    def __len__(self) -> int:
        return len(self._channels)

    async def close(self) -> None:
        """Close all channels."""
        await asyncio.gather(*(channel.close() for channel in self._channels.values()))
