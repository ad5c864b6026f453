from __future__ import annotations

import httpx
import jsonschema
import pytest
from fastapi import FastAPI

from api.routes import campaigns, deliveries, journeys, people, schemas, segments


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("campaign", {"name": "x", "trigger": {"event": "y"}, "workflow": [{"delay": "1h"}]}),
        ("segment", {"name": "x", "condition": {"attribute": "plan", "equals": "pro"}}),
    ],
)
async def test_editors_get_the_schemas_without_a_key(app: FastAPI, name: str, document: dict[str, object]) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sojourn") as client:
        schema = (await client.get(f"/sojourn/v1/schemas/{name}.json")).json()

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"name": "x"}, schema)


async def test_every_endpoint_of_management_but_the_schemas_wants_a_key(app: FastAPI) -> None:
    routers = (campaigns, deliveries, journeys, people, segments)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sojourn") as client:
        answers = [
            (
                await client.request(method, route.path.format(key="a", identifier="a", journey=1, delivery="a"))
            ).status_code
            for module in routers
            for route in module.router.routes
            for method in route.methods
        ]

    assert {401} == set(answers)
    assert len(answers) > 20
    assert 2 == len(schemas.router.routes)
