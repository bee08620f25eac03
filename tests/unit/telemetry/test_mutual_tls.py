"""A server that asks for a certificate is shown ours; files that do not serve are named."""

import datetime
import ipaddress
import ssl
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from common.telemetry.errors import TelemetryRefusedError, TelemetryUnavailableError
from common.telemetry.prometheus import Prometheus, PrometheusSettings

ANSWER = {"status": "success", "data": {"resultType": "vector", "result": []}}
NOW = datetime.datetime.now(datetime.UTC)


class Authority:
    """Signs certificates; its own lies beside them."""

    def __init__(self, folder):
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = self._named("authority")
        self._certificate = self._sign(self._key, self._name, x509.BasicConstraints(True, None))
        self.file = self._write("ca.pem", self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name):
        """Writes a certificate and its key; returns both files."""
        key = ec.generate_private_key(ec.SECP256R1())
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        pem = serialization.Encoding.PEM
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        signed = self._sign(key, self._named(name), address)
        return self._write(f"{name}.pem", signed.public_bytes(pem)), self._write(f"{name}-key.pem", secret)

    def _sign(self, key, name, extension):
        builder = x509.CertificateBuilder(
            issuer_name=self._name, subject_name=name, public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=NOW - datetime.timedelta(hours=1),
            not_valid_after=NOW + datetime.timedelta(hours=1),
        )  # fmt: skip
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        for each in (extension, identifier, issuer):
            builder = builder.add_extension(each, critical=isinstance(each, x509.BasicConstraints))
        return builder.sign(self._key, hashes.SHA256())

    def _named(self, name):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def _write(self, name, content):
        file = self.folder / name
        file.write_bytes(content)
        return str(file)


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@asynccontextmanager
async def server(authority):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.file)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(*authority.issue("server"))

    async def answer(_request):
        return web.json_response(ANSWER)

    application = web.Application()
    application.router.add_post("/api/v1/query", answer)
    running = TestServer(application, host="127.0.0.1", scheme="https")
    await running.start_server(ssl=context, shutdown_timeout=0)
    try:
        yield f"https://127.0.0.1:{running.port}"
    finally:
        await running.close()


def replace(files, newer):
    for old, new in zip(files, newer, strict=True):
        Path(old).write_bytes(Path(new).read_bytes())


def tear(file):
    Path(file).write_bytes(b"-----BEGIN")


async def ask(url, **files):
    async with Prometheus(PrometheusSettings(url=url, most_tries=1, **files)) as prometheus:
        return await prometheus.query("up")


async def test_the_certificate_is_shown_to_a_server_that_asks_for_one(authority):
    certificate, key = authority.issue("client")
    async with server(authority) as url:
        answer = await ask(url, ca_file=authority.file, client_cert_file=certificate, client_key_file=key)
    assert len(answer) == 0


async def test_without_a_certificate_such_a_server_cannot_be_reached(authority):
    async with server(authority) as url:
        with pytest.raises(TelemetryUnavailableError, match="check the address"):
            await ask(url, ca_file=authority.file)


async def test_a_server_of_a_stranger_is_not_spoken_to(authority, tmp_path_factory):
    stranger = Authority(tmp_path_factory.mktemp("stranger"))
    certificate, key = authority.issue("client")
    async with server(authority) as url:
        with pytest.raises(TelemetryUnavailableError, match="certificate verify failed"):
            await ask(url, ca_file=stranger.file, client_cert_file=certificate, client_key_file=key)


async def test_files_that_do_not_serve_are_named(authority, tmp_path):
    certificate, _ = authority.issue("client")
    _, strange_key = authority.issue("other")
    with pytest.raises(TelemetryRefusedError, match=r"other-key\.pem"):
        await ask("https://127.0.0.1:1", client_cert_file=certificate, client_key_file=strange_key)
    with pytest.raises(TelemetryRefusedError, match=r"absent\.pem"):
        await ask("https://127.0.0.1:1", ca_file=str(tmp_path / "absent.pem"))


async def test_a_certificate_that_is_renewed_needs_no_restart(authority, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shown = Authority(elsewhere).issue("client")
    files = {"ca_file": authority.file, "client_cert_file": shown[0], "client_key_file": shown[1]}
    async with (
        server(authority) as url,
        Prometheus(PrometheusSettings(url=url, most_tries=1, **files)) as prometheus,
    ):
        with pytest.raises(TelemetryUnavailableError):
            await prometheus.query("up")
        replace(shown, authority.issue("client"))
        assert len(await prometheus.query("up")) == 0


async def test_a_certificate_that_is_half_written_leaves_the_last_one_in_use(authority):
    shown = authority.issue("client")
    files = {"ca_file": authority.file, "client_cert_file": shown[0], "client_key_file": shown[1]}
    async with (
        server(authority) as url,
        Prometheus(PrometheusSettings(url=url, most_tries=1, **files)) as prometheus,
    ):
        await prometheus.query("up")
        tear(shown[0])
        assert len(await prometheus.query("up")) == 0
