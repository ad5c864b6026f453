"""`sojourn dev`: up in one command, down in one key press, and nothing left behind or lost in between."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import httpx
import psutil
import pytest
from temporalio.testing import WorkflowEnvironment

from cli.dev import addresses
from cli.folder import DataFolder
from cli.ports import Ports
from cli.stack import Stack
from runtime.shutdown import GRACE, INTERRUPTED
from tests.cli.conftest import Command, Sojourn, flags

UP = "Ctrl-C stops everything"


async def stops(command: Command, number: signal.Signals = signal.SIGINT, *, code: int = 0) -> None:
    family, began = command.family(), time.monotonic()
    command.send(number)
    assert code == await command.ends()
    assert time.monotonic() - began < GRACE
    assert [] == [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def track(ports: Ports) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{ports.port}", auth=("dev", "dev"))


def app(ports: Ports) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{ports.port}/sojourn/v1", headers={"Authorization": "Bearer dev"})


async def test_it_comes_up_answers_and_keeps_its_data_over_a_restart(sojourn: Sojourn, ports: Ports) -> None:
    command = sojourn("dev", *flags(ports))
    await command.says(UP)
    with track(ports) as client:
        client.put("/api/v1/customers/ada", json={"email": "ada@example.com"}).raise_for_status()
    doctor = sojourn("doctor")
    assert 0 == await doctor.ends(), doctor.said
    await stops(command)

    command = sojourn("dev", *flags(ports))
    await command.says(UP)

    with app(ports) as client:
        assert "ada@example.com" == client.get("/people/ada").raise_for_status().json()["email"]
    await stops(command, signal.SIGTERM)


async def test_an_email_is_tracked_at_the_address_of_the_api(sojourn: Sojourn, ports: Ports, tmp_path: Path) -> None:
    command = sojourn("dev", *flags(ports))
    await command.says(UP)
    hello = {"id": "hello", "subject": "Hello", "body": '<a href="https://shop.example/">shop</a>'}
    document = {"name": "hello", "trigger": {"event": "bought"}, "workflow": [{"email": hello}]}
    with app(ports) as manager, track(ports) as client:
        manager.put("/campaigns/hello", json=document).raise_for_status()
        manager.post("/campaigns/hello/start", json={}).raise_for_status()
        client.post("/api/v1/customers/ada@example.com/events", json={"name": "bought"}).raise_for_status()
        async with asyncio.timeout(30):
            while not (mails := list(DataFolder(tmp_path / ".sojourn").mail.glob("*.eml"))):
                await asyncio.sleep(0.05)
        *_, html = message_from_bytes(mails[0].read_bytes(), policy=default).walk()
        link, image = re.findall(r'="(http://127[^"]+)"', html.get_content())

        assert "https://shop.example/" == client.get(link).headers["location"]
        assert "image/gif" == client.get(image).headers["content-type"]
        [delivery] = manager.get("/people/ada@example.com/deliveries").raise_for_status().json()["items"]
        assert {"opened", "clicked"} <= set(delivery["times"])
    await stops(command)


async def test_a_reset_throws_the_data_away(sojourn: Sojourn, ports: Ports, tmp_path: Path) -> None:
    mail = DataFolder(tmp_path / ".sojourn").mail / "0-0.eml"
    mail.parent.mkdir(parents=True)
    mail.write_text("From: an earlier day\n\n")

    command = sojourn("dev", "--reset", *flags(ports))
    await command.says(UP)

    assert not mail.exists()
    await stops(command)


async def test_a_part_that_dies_is_started_again_and_said_so(sojourn: Sojourn, ports: Ports, tmp_path: Path) -> None:
    command = sojourn("dev", *flags(ports))
    await command.says(UP)
    record = DataFolder(tmp_path / ".sojourn").record("api")
    first = int(record.read_text().split()[0])

    psutil.Process(first).kill()
    await command.says("api ended unexpectedly (exit code -9); it starts again in 0.5 s.")

    async with asyncio.timeout(30), httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=8)) as client:
        assert 200 == (await client.get(f"http://127.0.0.1:{ports.port}/ready")).status_code
    assert first != int(record.read_text().split()[0])
    await stops(command)


@pytest.mark.parametrize("words", [("dev",), ("demo", "--once")], ids=" ".join)
async def test_a_stop_while_it_starts_stops_it_and_is_no_success(
    sojourn: Sojourn, ports: Ports, words: tuple[str, ...]
) -> None:
    command = sojourn(*words, *flags(ports))
    await command.says("mail catcher")

    await stops(command, code=INTERRUPTED)

    assert UP not in command.said


async def test_a_start_after_a_crash_clears_away_what_was_left(sojourn: Sojourn, ports: Ports) -> None:
    crashed = sojourn("dev", *flags(ports))
    await crashed.says(UP)
    family = crashed.family()
    family[0].kill()
    await crashed.ends()

    command = sojourn("dev", *flags(ports))
    await command.says(UP)

    assert [] == [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    await stops(command)


async def test_servers_of_ones_own_take_the_place_of_the_embedded_ones(
    sojourn: Sojourn, ports: Ports, database_url: str, temporal: WorkflowEnvironment, tmp_path: Path
) -> None:
    own = {
        "SOJOURN_DATABASE_URL": database_url,
        "SOJOURN_TEMPORAL_ADDRESS": temporal.client.service_client.config.target_host,
        "SOJOURN_TASK_QUEUE": "servers-of-ones-own",
    }
    command = sojourn("dev", *flags(ports), **own)
    await command.says(UP)

    running = {record.stem for record in DataFolder(tmp_path / ".sojourn").records()}
    assert {"api", "intake", "worker"} == running
    doctor = sojourn("doctor")
    assert 0 == await doctor.ends(), doctor.said
    await stops(command)


@pytest.mark.parametrize(
    ("port", "data", "said"),
    [
        (8000, ".sojourn", []),
        (8000, "elsewhere", []),
        (8100, ".sojourn", ["in another folder need: export SOJOURN_API_URL=http://127.0.0.1:8100"]),
        (8100, "elsewhere", ["in another terminal need: export SOJOURN_API_URL=http://127.0.0.1:8100"]),
    ],
)
def test_what_commands_need_to_find_it_is_said_if_they_need_it(
    port: int, data: str, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOJOURN_DATABASE_URL", "postgresql:///ours")
    stack = Stack(folder=DataFolder(Path(data)), ports=Ports(port=port), say=print)

    assert said == re.findall(r"in another .* need: .*", addresses(stack))


async def test_one_folder_takes_one_stack_at_a_time(sojourn: Sojourn, ports: Ports) -> None:
    command = sojourn("dev", *flags(ports))
    await command.says(UP)

    second = sojourn("dev")

    assert 1 == await second.ends()
    assert f"Process {command.family()[0].pid} is already running Sojourn in .sojourn." in second.said
    await stops(command)
