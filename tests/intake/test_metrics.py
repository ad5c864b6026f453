"""Intake counts what it applies, puts aside, lets in and refuses."""

from __future__ import annotations

from datetime import timedelta

from runtime.metrics import REGISTRY
from tests.intake.scene import Scene


def counted() -> dict[str, float]:
    names = {
        "applied": ("sojourn_inputs_applied_total", {"kind": "event"}),
        "rejected": ("sojourn_inputs_rejected_total", {"kind": "dance"}),
        "entered": ("sojourn_entries_total", {}),
        "stale": ("sojourn_refusals_total", {"reason": "stale"}),
    }
    return {what: REGISTRY.get_sample_value(name, labels) or 0.0 for what, (name, labels) in names.items()}


async def test_what_intake_does_is_counted(scene: Scene) -> None:
    await scene.campaign("thanks")
    scene.now += timedelta(days=10)
    before = counted()
    old = (scene.now - timedelta(days=9)).timestamp()

    await scene.send(
        scene.event("ada", "bought"),
        scene.event("bob", "bought"),
        scene.event("eve", "bought", timestamp=old),
    )
    await scene.send(scene.about("dance", "ada"))

    after = counted()
    assert {"applied": 3, "rejected": 1, "entered": 2, "stale": 1} == {
        what: after[what] - before[what] for what in after
    }
