"""Lists and the names in them look the same everywhere in Sojourn's own API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, Self, TypeVar

from pydantic import BaseModel, Field

from api import cursors

Item = TypeVar("Item")


class Listing(BaseModel, Generic[Item]):
    """Some items of a list. A filtered page may hold fewer than the limit, even none, and still have a next one."""

    items: list[Item]
    next: str | None = Field(description="Cursor of the next page; null at the end.")

    @classmethod
    def of(cls, items: list[Item], position: Sequence[str | int] | None) -> Self:
        """Make the answer of a page; `position` is where the next one begins."""
        return cls(items=items, next=cursors.encode(position))


class _Named(Protocol):
    @property
    def campaign_key(self) -> str: ...
    @property
    def campaign_name(self) -> str: ...


class CampaignName(BaseModel):
    """A campaign by name."""

    key: str
    name: str

    @classmethod
    def of(cls, view: _Named) -> Self:
        """Read what is shown of the campaign of a journey, delivery or refusal."""
        return cls(key=view.campaign_key, name=view.campaign_name)


class _Person(Protocol):
    @property
    def external_id(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def cio_id(self) -> str | None: ...


class PersonName(BaseModel):
    """A person by their identifiers. All are null once the person is deleted."""

    id: str | None = Field(description="The caller's own id.")
    email: str | None
    cio_id: str | None = Field(description="Given by us; in a path it is written `cio_` and this.")

    @classmethod
    def of(cls, view: _Person) -> Self:
        """Read what is shown of the person of a journey, delivery or refusal."""
        return cls(id=view.external_id, email=view.email, cio_id=view.cio_id)
