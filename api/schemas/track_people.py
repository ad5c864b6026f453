"""What the calls about people carry."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.limits import ATTRIBUTE_NAME_BYTES, ATTRIBUTE_VALUE_BYTES, ATTRIBUTES


class PersonAttributes(BaseModel):
    """Attributes to set on the person, made if there is none. Every other key is an attribute of the caller's."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "description": f"At most {ATTRIBUTES} attributes; names of 1 to {ATTRIBUTE_NAME_BYTES} bytes, values of at "
            f"most {ATTRIBUTE_VALUE_BYTES} bytes.",
            "examples": [{"email": "ada@example.test", "plan": "basic", "created_at": 1795446713}],
        },
    )

    id: Any = Field(default=None, description="Sets or changes the caller's id of the person.")
    email: Any = Field(default=None, description="Sets or changes the email address.")
    anonymous_id: Any = Field(default=None, description="Attaches earlier anonymous events with this id.")
    created_at: Any = Field(default=None, description="Unix seconds of the sign-up in the caller's system.")
    unsubscribed: Any = Field(default=None, description="`true`, `1` and `'1'` unsubscribe; anything else subscribes.")
    update: Any = Field(default=None, alias="_update", description="true: change the person, never make one.")
    timestamp: float | None = Field(
        default=None, alias="_timestamp", ge=0, description="Unix seconds that order updates of the same attribute."
    )


class Named(BaseModel):
    """One person, by exactly one identifier."""

    id: str | None = None
    email: str | None = None
    cio_id: str | None = Field(default=None, description="With or without the prefix `cio_`.")


class Merge(BaseModel):
    """Two people who are one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"primary": {"id": "p1"}, "secondary": {"email": "old@example.test"}}]}
    )

    primary: Named = Field(description="Stays, and keeps their own attributes.")
    secondary: Named = Field(description="Is deleted; what the primary lacks goes to them.")
