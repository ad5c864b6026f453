"""Journeys that are asleep must wake up in today's code, and what they left in Temporal must say nothing about anybody.

Each shape is played on the real parts: its history is searched for the person, and replayed. The recorded ones in
`histories/` were written by earlier releases and are replayed beside them. A change of workflow code that breaks a
recorded one needs a patch (`workflows/patches.py`); recording anew would only hide it.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from tests.replay.shapes import PERSONAL, SHAPES
from tests.world import World
from workflows.campaign import Campaign
from workflows.edit import Edit
from workflows.journey import Journey
from workflows.loading import Loading
from workflows.redelivery import Redelivery
from workflows.resend import Resend

FOLDER = Path(__file__).with_name("histories")
RECORDED = sorted(FOLDER.glob("*.json"))

_WORKER = re.compile(r"\d+@[\w.-]+")
_STACK = re.compile(r'"stackTrace":\s*"(?:[^"\\]|\\.)*"')


def _replayer() -> Replayer:
    return Replayer(
        workflows=[Journey, Campaign, Resend, Redelivery, Edit, Loading], data_converter=pydantic_data_converter
    )


def _scrubbed(history: str) -> str:
    """Return a history without the names of the machine it was recorded on."""
    return json.dumps(json.loads(_STACK.sub('"stackTrace": ""', _WORKER.sub("worker", history))), indent=1) + "\n"


def _readable(value: Any) -> str:
    """Return everything that a history says, payloads decoded."""
    if isinstance(value, dict):
        payload = value.get("data")
        decoded = base64.b64decode(payload).decode(errors="replace") if isinstance(payload, str) else ""
        return decoded + "\n".join(f"{key} {_readable(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return "\n".join(_readable(inner) for inner in value)
    return str(value)


@pytest.mark.parametrize("name", sorted(SHAPES))
async def test_a_shape_leaves_nothing_personal_in_temporal_and_replays(
    world: World, name: str, request: pytest.FixtureRequest
) -> None:
    workflow_id = await SHAPES[name](world)
    history = await world.workflow({"workflow_id": workflow_id}).fetch_history()
    said = _readable(json.loads(history.to_json())).lower()
    assert [] == [word for word in PERSONAL if word in said]
    await _replayer().replay_workflow(history)
    if request.config.getoption("--record-histories", default=False):
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{name}.json").write_text(_scrubbed(history.to_json()), encoding="utf-8")


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
async def test_a_recorded_history_replays(file: Path) -> None:
    recorded = WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
    await _replayer().replay_workflow(recorded)


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
def test_a_recorded_history_says_nothing_about_anybody(file: Path) -> None:
    said = _readable(json.loads(file.read_text(encoding="utf-8"))).lower()
    assert [] == [word for word in PERSONAL if word in said]


def test_every_shape_is_recorded() -> None:
    assert sorted(SHAPES) == [file.stem for file in RECORDED]
