"""A port that is taken is found before anything starts, and named with the flag that chooses another."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from cli.dev import run
from cli.folder import DataFolder
from cli.ports import ADDRESS, Ports, free_ports
from cli.stack import Stack
from engine.errors import ConfigurationError


def unused() -> Ports:
    return Ports(**dict(zip(asdict(Ports()), free_ports(6), strict=True)))


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server((ADDRESS, 0)) as listener:
        yield listener.getsockname()[1]


def refusal(ports: Ports) -> str:
    with pytest.raises(ConfigurationError) as refused:
        ports.check()
    return refused.value.message


def test_free_ports_are_fine() -> None:
    ports = unused()

    ports.check()

    assert 6 == len(set(asdict(ports).values()))


def test_a_taken_port_is_named_with_the_flag_and_a_free_one(taken: int) -> None:
    message = refusal(replace(unused(), temporal_ui_port=taken))

    offered = re.fullmatch(rf"Port {taken} is taken .* for example: --temporal-ui-port (\d+)", message)
    assert offered is not None
    replace(unused(), temporal_ui_port=int(offered[1])).check()


def test_every_taken_port_is_named_at_once(taken: int) -> None:
    with socket.create_server((ADDRESS, 0)) as listener:
        message = refusal(replace(unused(), port=taken, mail_port=listener.getsockname()[1]))

    assert ["--port", "--mail-port"] == re.findall(r"--[a-z-]+", message)


def test_a_port_on_which_nothing_will_listen_may_be_taken(taken: int) -> None:
    replace(unused(), postgres_port=taken).check(unused={"postgres_port"})


@pytest.mark.parametrize("is_there", [False, True])
def test_a_taken_port_makes_no_folder_and_nothing_has_to_stop(
    taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], is_there: bool
) -> None:
    folder = DataFolder(tmp_path / "data")
    if is_there:
        folder.root.mkdir()

    async def meanwhile(_: Stack, __: asyncio.Event) -> int:
        raise AssertionError

    with pytest.raises(ConfigurationError, match=f"Port {taken} is taken"):
        run(folder, replace(unused(), port=taken), meanwhile, reset=False)

    assert (is_there, "") == (folder.root.exists(), capsys.readouterr().err)


def test_one_port_for_two_parts_is_refused() -> None:
    ports = unused()

    message = refusal(replace(ports, mail_port=ports.port))

    assert f"Port {ports.port} is given to more than one part." in message
    assert "--mail-port" in message
