"""Forms: what a submission carries, and what Sojourn's own API gives of them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from api.limits import ATTRIBUTE_VALUE_BYTES
from storage.reading_forms import FormView, LeadView


class Submission(BaseModel):
    """The fields of a form as somebody filled them in."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": {"email": "ada@example.com", "colour": "red"}}]})

    data: dict[str, str] = Field(
        description="Exactly one of `email` and `id`, or a field that is mapped to one; every other field becomes an "
        f"attribute. Texts of at most {ATTRIBUTE_VALUE_BYTES:,} bytes."
    )


class FormOut(BaseModel):
    """A form that was submitted once, or connected by hand."""

    id: str
    type: Literal["form", "facebook"]
    fields: list[str] = Field(description="Seen so far.")
    mapping: dict[str, str] = Field(description="Field to attribute; a field that is not in it keeps its name.")
    used_by: list[str] = Field(description="Keys of the campaigns that it triggers.")
    created_at: datetime

    @classmethod
    def of(cls, view: FormView) -> Self:
        """Read a form."""
        return cls(
            id=view.form_id,
            type=view.type,
            fields=view.fields,
            mapping=view.mapping,
            used_by=view.used_by,
            created_at=view.created_at,
        )


class FormMapping(BaseModel):
    """Where the fields of a form go, from the next submission on."""

    mapping: dict[str, str] = Field(
        description="Field to attribute, all of them: what is left out keeps its name. One field may go to `id` or "
        "`email`, and then says who submits."
    )


class LeadOut(BaseModel):
    """A Facebook lead that is announced and not taken in yet."""

    id: str
    form: str
    received_at: datetime
    attempts: int
    due_at: datetime | None = Field(description="Of the next attempt; null once it is given up.")
    last_error: str | None

    @classmethod
    def of(cls, view: LeadView) -> Self:
        """Read a lead."""
        return cls(
            id=view.lead_id,
            form=view.form_id,
            received_at=view.received_at,
            attempts=view.attempts,
            due_at=view.due_at,
            last_error=view.last_error,
        )


class Retried(BaseModel):
    """What a retry came to."""

    leads: int = Field(description="Leads that are tried again now.")
