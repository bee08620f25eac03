"""Who may connect: TLS that clients can trust, certificates of clients, no plain text from elsewhere."""

import asyncio
import shutil
import ssl
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from prometheus_client import CollectorRegistry

from common.service.options import SettingsError
from recommender.planner.config import PlannerSettings
from recommender.planner.server import Server
from recommender.planner.servicer import Servicer
from tests.unit.planner.services import service
from tests.unit.planner.test_servicer import States, ask
from tests.unit.telemetry.test_mutual_tls import Authority


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
async def serve():
    running = []

    async def begin(**settings):
        chosen = PlannerSettings(**{"grpc_listen_address": "127.0.0.1:0", "exact_seconds": 0.0, **settings})
        servicer = Servicer(chosen, States(service("a")), CollectorRegistry())
        server = Server(chosen, servicer)
        running.append((servicer, server))
        await server.start()
        return f"127.0.0.1:{server.port}"

    yield begin
    for servicer, server in running:
        await server.stop(0)
        servicer.close()


def credentials(authority, pair=(None, None)):
    files = [None if path is None else Path(path).read_bytes() for path in (authority.file, *reversed(pair))]
    return grpc.ssl_channel_credentials(*files)


async def code_of(channel):
    """The status of a plan that is asked for over a channel."""
    try:
        await ask(channel, ["a"], timeout=5)
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


async def test_a_client_that_trusts_the_authority_gets_a_plan_health_and_reflection(serve, authority):
    certificate, key = authority.issue("planner")
    address = await serve(tls_certificate_file=str(certificate), tls_key_file=str(key))
    async with grpc.aio.secure_channel(address, credentials(authority)) as channel:
        assert await code_of(channel) == grpc.StatusCode.OK
        await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5)
        asked = reflection_pb2.ServerReflectionRequest(list_services="")
        stream = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(
            iter([asked]), timeout=5
        )
        names = [one.name async for answer in stream for one in answer.list_services_response.service]
        assert "Planner" in names


async def test_a_client_that_trusts_nobody_or_speaks_plain_text_gets_nothing(serve, authority, tmp_path):
    certificate, key = authority.issue("planner")
    address = await serve(tls_certificate_file=str(certificate), tls_key_file=str(key))
    (tmp_path / "other").mkdir()
    stranger = credentials(Authority(tmp_path / "other"))
    async with grpc.aio.secure_channel(address, stranger) as channel:
        assert await code_of(channel) == grpc.StatusCode.UNAVAILABLE
    async with grpc.aio.insecure_channel(address) as channel:
        assert await code_of(channel) == grpc.StatusCode.UNAVAILABLE


async def test_where_an_authority_of_clients_is_named_they_must_show_a_certificate(serve, authority):
    certificate, key = authority.issue("planner")
    address = await serve(
        tls_certificate_file=str(certificate), tls_key_file=str(key), client_ca_file=str(authority.file)
    )
    async with grpc.aio.secure_channel(address, credentials(authority)) as channel:
        assert await code_of(channel) == grpc.StatusCode.UNAVAILABLE
    known = credentials(authority, authority.issue("client"))
    async with grpc.aio.secure_channel(address, known) as channel:
        assert await code_of(channel) == grpc.StatusCode.OK


async def test_a_renewed_certificate_is_served_without_a_restart(serve, authority):
    certificate, key = authority.issue("planner")
    address = await serve(tls_certificate_file=str(certificate), tls_key_file=str(key))
    before = await _served(address)
    renewed, renewed_key = authority.issue("renewed")
    shutil.copy(renewed_key, key)
    shutil.copy(renewed, certificate)
    assert await _served(address) != before


async def _served(address):
    host, _, port = address.partition(":")
    return await asyncio.to_thread(ssl.get_server_certificate, (host, int(port)), timeout=5)


@pytest.mark.parametrize(
    ("what", "settings", "named"),
    [
        ("plain text beyond this machine", {"grpc_listen_address": "0.0.0.0:0"}, "--grpc-listen-address"),
        ("plain text on all addresses", {"grpc_listen_address": ":0"}, "--allow-plaintext"),
        ("a certificate without its key", {"tls_certificate_file": "x"}, "--tls-key-file"),
        ("an authority without TLS", {"client_ca_file": "x"}, "--client-ca-file"),
        ("files that are not there", {"tls_certificate_file": "/no/a", "tls_key_file": "/no/b"}, "/no/"),
        ("a port that is no port", {"grpc_listen_address": "127.0.0.1:x"}, "--grpc-listen-address"),
    ],
)
async def test_refuses_to_start(serve, what, settings, named):
    with pytest.raises(SettingsError) as refused:
        await serve(**settings)
    assert named in str(refused.value), what


async def test_plain_text_beyond_this_machine_is_served_where_a_person_says_so(serve):
    address = await serve(grpc_listen_address="0.0.0.0:0", allow_plaintext=True)
    async with grpc.aio.insecure_channel(address) as channel:
        assert await code_of(channel) == grpc.StatusCode.OK
