"""A refusal is understood however the network cuts it up."""

import asyncio
import json

import pytest
from aiohttp import web

from common.api.core import NAMESPACES
from common.kube import Invalid
from tests.fakes.api_server import client_of, serving

STATUS = {
    "code": 422,
    "reason": "Invalid",
    "message": "no",
    "details": {"causes": [{"field": "metadata.name"}]},
}


async def _in_pieces(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(status=422)
    await response.prepare(request)
    for byte in json.dumps(STATUS).encode():
        await response.write(bytes([byte]))
        await asyncio.sleep(0)
    return response


async def test_a_status_that_arrives_in_pieces_keeps_its_causes() -> None:
    async with serving(_in_pieces) as server, client_of(server) as client:
        with pytest.raises(Invalid) as caught:
            await client.get(NAMESPACES, "a")
    assert [cause.field for cause in caught.value.status.causes] == ["metadata.name"]
