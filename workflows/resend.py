"""An operator decided that a message goes out again: one send, with Temporal's patience."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities import contracts
    from engine import names
    from engine.moves import ResendStart
    from workflows import options


@workflow.defn(name=names.RESEND)
class Resend:
    """The resend workflow."""

    @workflow.run
    async def run(self, start: ResendStart) -> str:
        """Send again; return the state that the delivery is left in."""
        return await workflow.execute_activity(
            contracts.resend_delivery, start, **options.send(f"send delivery {start.delivery} again")
        )
