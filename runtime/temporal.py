"""How Temporal is reached: one way to connect, so that every process reads payloads alike; what a namespace needs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client, TLSConfig
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode

from engine import names
from engine.errors import ConfigurationError
from runtime import telemetry
from runtime.settings import Settings

SEARCH_ATTRIBUTES: Final = (names.CAMPAIGN_KEY, names.CAMPAIGN_ID, names.PERSON_KEY, names.WORKSPACE_ID)
"""All of kind Keyword, of which a server on SQL has ten."""

_PROPAGATION_LOOKS: Final = 100
_PROPAGATION_PAUSE: Final = 0.1  # seconds; a server's caches learn of a new attribute within a few seconds


async def connect(settings: Settings) -> Client:
    """Open a client whose payloads are pydantic models, encrypted and authenticated as the settings say.

    Raises RuntimeError when the server cannot be reached or refuses us.
    """
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        api_key=settings.temporal_api_key.get_secret_value() if settings.temporal_api_key else None,
        data_converter=pydantic_data_converter,
        tls=_tls(settings),
        runtime=telemetry.temporal_runtime(settings),
    )


async def prepare(client: Client) -> None:
    """Register the search attributes that are missing, and return when the server takes them. Safe to repeat.

    Raises ConfigurationError when the server still does not know them after ten seconds.
    """
    missing = await missing_search_attributes(client)
    if not missing:
        return
    await _register(client, missing)
    for _ in range(_PROPAGATION_LOOKS):
        if await _usable(client):
            return
        await asyncio.sleep(_PROPAGATION_PAUSE)
    raise ConfigurationError(f"Temporal did not register the search attributes {', '.join(missing)}.")


async def missing_search_attributes(client: Client) -> list[str]:
    """Return which of ours the namespace does not have. Raises RPCError, NOT_FOUND when there is no such namespace."""
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return [name for name in SEARCH_ATTRIBUTES if name not in answer.custom_attributes]


async def _usable(client: Client) -> bool:
    """Whether the frontend's cache has them: being listed comes first, being accepted in a start a moment later."""
    query = " AND ".join(f"{name} = ''" for name in SEARCH_ATTRIBUTES)
    try:
        await client.count_workflows(query)
    except RPCError as error:
        if error.status != RPCStatusCode.INVALID_ARGUMENT:
            raise
        return False
    return True


async def _register(client: Client, missing: list[str]) -> None:
    kinds = dict.fromkeys(missing, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=kinds)
        )
    except RPCError as error:
        if error.status != RPCStatusCode.ALREADY_EXISTS:  # another process was quicker
            raise


def _tls(settings: Settings) -> TLSConfig | bool:
    certificate, key = settings.temporal_tls_certificate_file, settings.temporal_tls_key_file
    authority = settings.temporal_tls_ca_file
    if not (certificate or key or authority):
        return settings.temporal_tls
    return TLSConfig(
        server_root_ca_cert=_bytes(authority), client_cert=_bytes(certificate), client_private_key=_bytes(key)
    )


def _bytes(file: Path | None) -> bytes | None:
    return file.read_bytes() if file else None
