"""A live campaign was edited: whoever waits in a block that is shorter now, or gone, goes on at once (15.10-15.12).

One run per save, begun by the same commit, so no crash can lose it.
"""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities import contracts
    from engine import names
    from engine.moves import EditStart
    from workflows import options


@workflow.defn(name=names.EDIT)
class Edit:
    """The edit workflow."""

    @workflow.run
    async def run(self, start: EditStart) -> int:
        """Wake everybody concerned; return how many."""
        return await workflow.execute_activity(
            contracts.wake_waiting, start, **options.everybody("wake those who wait in a block that was edited")
        )
