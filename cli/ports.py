"""Which ports the embedded stack listens on, and a clear word when one is taken, before anything was started."""

from __future__ import annotations

import socket
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from dataclasses import dataclass, fields
from typing import Final

from engine.errors import ConfigurationError

ADDRESS: Final = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """All on 127.0.0.1. Each is a flag of `sojourn dev` of the same name, and `port` is the API's."""

    port: int = 8000
    temporal_port: int = 7233
    temporal_ui_port: int = 8233
    mail_port: int = 1025
    mail_web_port: int = 8025
    postgres_port: int = 54320

    def check(self, *, unused: AbstractSet[str] = frozenset()) -> None:
        """Raise ConfigurationError that lists every port that is taken or given twice, with a free one for each.

        `unused` names those on which nothing of ours will listen.
        """
        numbers = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in unused}
        taken = [name for name, number in numbers.items() if not _is_free(number)]
        twice = [name for name, number in numbers.items() if list(numbers.values()).count(number) > 1]
        if not taken and not twice:
            return
        said = [f"Port {numbers[name]} is taken by another program." for name in taken]
        said += [f"Port {numbers[name]} is given to more than one part." for name in twice[:1]]
        free = free_ports(len(taken or twice[1:]), avoid=set(numbers.values()))
        flags = [f"--{name.replace('_', '-')} {number}" for name, number in zip(taken or twice[1:], free, strict=True)]
        raise ConfigurationError(f"{' '.join(said)} Choose another, for example: {' '.join(flags)}")


def _is_free(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((ADDRESS, port))
        except OSError:
            return False
    return True


def free_ports(count: int, *, avoid: AbstractSet[int] = frozenset()) -> list[int]:
    """Return different ports that nobody listens on; held open until all are chosen, so that none is found twice."""
    free: list[int] = []
    with ExitStack() as held:
        while len(free) < count:
            attempt = held.enter_context(socket.socket())
            attempt.bind((ADDRESS, 0))
            port: int = attempt.getsockname()[1]
            if port not in avoid:
                free.append(port)
    return free
