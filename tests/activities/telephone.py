"""A client of Temporal for activities that only signal: who was told what, and who cannot be reached."""

from __future__ import annotations

from typing import Any

from temporalio.service import RPCError, RPCStatusCode


class Telephone:
    """A client that only signals, and writes down whom."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, Any]] = []
        self.unknown: set[str] = set()
        self.fails_at: str | None = None

    def get_workflow_handle(self, workflow_id: str) -> Any:
        return Line(self, workflow_id)


class Line:
    def __init__(self, telephone: Telephone, workflow_id: str) -> None:
        self.telephone = telephone
        self.workflow_id = workflow_id

    async def signal(self, name: str, argument: Any) -> None:
        if self.workflow_id in self.telephone.unknown:
            raise RPCError("workflow execution already completed", RPCStatusCode.NOT_FOUND, b"")
        if self.workflow_id == self.telephone.fails_at:
            raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")
        self.telephone.told.append((self.workflow_id, name, argument))
