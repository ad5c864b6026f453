"""What a device call carries."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.limits import DEVICE_TOKEN_BYTES


class Device(BaseModel):
    """A device of the person. Stray keys are taken as attributes of the device, as the Python client sends them."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(
        min_length=1, max_length=DEVICE_TOKEN_BYTES, pattern=r"\S", description="The token push messages are sent to."
    )
    platform: Literal["ios", "android"]
    last_used: float | None = Field(default=None, ge=0, description="Unix seconds; the time of the request if absent.")
    attributes: dict[str, Any] | None = None


class DeviceBody(BaseModel):
    """The device, wrapped."""

    device: Device
