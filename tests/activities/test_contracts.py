"""Workflows know activities by stubs; each stub and its implementation must be the same to Temporal."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Any

import pytest

from activities import contracts
from activities.acting import Acting
from activities.deciding import Deciding
from activities.loading import Loading
from activities.redelivering import Redelivering
from activities.resending import Resending
from activities.sending import Sending
from activities.stopping import Stopping
from activities.waking import Waking
from engine import names

IMPLEMENTED: dict[str, Callable[..., Any]] = {
    names.NEXT_MOVE: Deciding.next_move,
    names.CHECK_EXIT: Deciding.check_exit,
    names.SEND: Sending.send,
    names.ACT: Acting.act,
    names.STOP_CAMPAIGN: Stopping.stop_campaign,
    names.COUNT_INSIDE: Stopping.count_inside,
    names.RESEND_DELIVERY: Resending.resend_delivery,
    names.LOAD_MATCHES: Loading.load_matches,
    names.REDELIVER: Redelivering.redeliver,
    names.WAKE_WAITING: Waking.wake_waiting,
}
STUBS = {name: stub for name, stub in vars(contracts).items() if hasattr(stub, "__temporal_activity_definition")}


def _signature(function: Callable[..., Any]) -> tuple[str, list[Any], Any]:
    definition = vars(function)["__temporal_activity_definition"]
    hints = typing.get_type_hints(function, include_extras=True)
    parameters = [name for name in inspect.signature(function).parameters if name != "self"]
    return definition.name, [hints[name] for name in parameters], hints["return"]


def test_every_stub_has_an_implementation() -> None:
    assert sorted(IMPLEMENTED) == sorted(STUBS)


@pytest.mark.parametrize("name", sorted(IMPLEMENTED))
def test_a_stub_and_its_implementation_are_the_same_to_temporal(name: str) -> None:
    assert _signature(STUBS[name]) == _signature(IMPLEMENTED[name])


@pytest.mark.parametrize("name", sorted(STUBS))
async def test_a_stub_does_nothing_itself(name: str) -> None:
    with pytest.raises(NotImplementedError):
        await STUBS[name](None)
