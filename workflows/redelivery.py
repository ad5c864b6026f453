"""A message was not taken, and its journey went on: it is tried again, less and less often, for a day (behaviour 6.41).

Each attempt and each pause is in the history, so an operator sees how often it was tried and when it is tried next.
"""

from __future__ import annotations

from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities import contracts
    from engine import names
    from engine.moves import RedeliveryAsk, RedeliveryStart
    from workflows import options, waiting


@workflow.defn(name=names.REDELIVERY)
class Redelivery:
    """The redelivery workflow."""

    @workflow.run
    async def run(self, start: RedeliveryStart) -> str:
        """Try until it is taken, refused or given up; return the state that the delivery is left in."""
        due: datetime | None = start.due
        state = "attempted"
        while due is not None:
            text = f"Message {start.block} is tried again at {due:%Y-%m-%d %H:%M:%S} UTC"
            workflow.set_current_details(text)
            await waiting.until(due, now=workflow.now(), news=lambda: False, text=text)
            # The journey's clock, by which the instant was chosen, may be ahead of Temporal's.
            question = RedeliveryAsk(
                journey=start.journey, block=start.block, since=start.since, now=max(workflow.now(), due)
            )
            queue = options.queue_of(workflow.info().task_queue, "webhook")
            done = await workflow.execute_activity(
                contracts.redeliver, question, **options.send(f"send {start.block} again", queue)
            )
            state, due = done.state, done.due
        workflow.set_current_details(f"Message {start.block} is {state}")
        return state
