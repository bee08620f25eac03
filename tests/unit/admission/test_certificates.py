"""The serving certificate: trusted by the bundle, renewed in good time, exchanged on the live context."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from admission.authority import (
    AuthorityError,
    MemoryAuthority,
    from_secret_data,
    key_pem,
    new_authority,
    to_secret_data,
)
from admission.certificates import FileCertificates, IssuedCertificates
from admission.leaf import issue_leaf, service_names
from admission.tls_context import server_context, use_certificate
from common.service.settings import SettingsError

NOW = datetime.now(UTC).replace(microsecond=0)
NAMES = [*service_names("climatik-admission", "climatik-project"), "127.0.0.1"]
LIFE = timedelta(hours=168)


async def serial_served(context: ssl.SSLContext, bundle: bytes, name: str = "127.0.0.1") -> str:
    """Shakes hands as the API server would and returns the serial number of the certificate served."""
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        trust = ssl.create_default_context(cadata=bundle.decode())
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname=name)
        serial = writer.get_extra_info("peercert")["serialNumber"]
        writer.close()
        await writer.wait_closed()
    return serial


@pytest.mark.parametrize("name", NAMES)
async def test_leaf_is_trusted_by_every_name_of_the_service(name):
    context = server_context()
    served = await IssuedCertificates(MemoryAuthority(), NAMES, LIFE).refresh(context, NOW)
    assert await serial_served(context, served.ca_bundle_pem, name)


async def test_leaf_is_not_trusted_by_another_authority():
    context = server_context()
    await IssuedCertificates(MemoryAuthority(), NAMES, LIFE).refresh(context, NOW)
    with pytest.raises(ssl.SSLCertVerificationError):
        await serial_served(context, new_authority(NOW).bundle_pem)


async def test_leaf_is_kept_until_two_thirds_of_its_life_and_then_exchanged_live():
    context, source = server_context(), IssuedCertificates(MemoryAuthority(), NAMES, LIFE)
    first = await source.refresh(context, NOW)
    serial = await serial_served(context, first.ca_bundle_pem)
    early = await source.refresh(context, NOW + LIFE * 0.66)
    assert early == first
    assert await serial_served(context, first.ca_bundle_pem) == serial
    late = await source.refresh(context, NOW + LIFE * 0.67)
    assert late.not_after > first.not_after


async def test_certificate_is_exchanged_on_the_live_context():
    authority, context = new_authority(NOW), server_context()
    serials = set()
    for _ in range(2):
        use_certificate(context, issue_leaf(authority, NAMES, LIFE, NOW).pem)
        serials.add(await serial_served(context, authority.bundle_pem))
    assert len(serials) == 2


class ChangingAuthority:
    def __init__(self, authority):
        self.authority = authority

    async def current(self, now):
        return self.authority


async def test_successor_signs_only_after_its_bundle_had_time_to_be_registered():
    old = new_authority(NOW)
    new = new_authority(NOW, old)
    shared, context = ChangingAuthority(old), server_context()
    source = IssuedCertificates(shared, NAMES, LIFE)
    await source.refresh(context, NOW)
    serial = await serial_served(context, old.bundle_pem)
    shared.authority = new
    announced = await source.refresh(context, NOW)
    assert announced.ca_bundle_pem == new.bundle_pem
    assert await serial_served(context, new.bundle_pem) == serial, "the old leaf is trusted by the new bundle"
    await source.refresh(context, NOW)
    assert await serial_served(context, new.bundle_pem) != serial


async def test_authority_that_does_not_vouch_for_the_old_one_is_followed_at_once():
    shared, context = ChangingAuthority(new_authority(NOW)), server_context()
    source = IssuedCertificates(shared, NAMES, LIFE)
    await source.refresh(context, NOW)
    shared.authority = new_authority(NOW)
    await source.refresh(context, NOW)
    assert await serial_served(context, shared.authority.bundle_pem)


def test_old_tls_is_refused():
    assert server_context().minimum_version >= ssl.TLSVersion.TLSv1_2


def test_leaf_never_outlives_its_authority():
    authority = new_authority(NOW)
    leaf = issue_leaf(authority, NAMES, timedelta(days=100_000), NOW)
    assert leaf.not_after == authority.certificate.not_valid_after_utc


def test_authority_is_the_same_after_a_round_trip_through_a_secret():
    authority = new_authority(NOW)
    read = from_secret_data(to_secret_data(authority))
    assert read.fingerprint == authority.fingerprint
    assert key_pem(read.key) == key_pem(authority.key)
    assert read.bundle_pem == authority.bundle_pem


def broken_secrets():
    good, other = to_secret_data(new_authority(NOW)), to_secret_data(new_authority(NOW))
    return {
        "no certificate": {"tls.key": good["tls.key"]},
        "no key": {"tls.crt": good["tls.crt"]},
        "not base64": {**good, "tls.crt": "%%%"},
        "not PEM": {**good, "tls.key": "aGVsbG8="},
        "key of another": {**good, "tls.key": other["tls.key"]},
    }


@pytest.mark.parametrize("name", broken_secrets())
def test_broken_secret_is_told(name):
    with pytest.raises(AuthorityError, match="entry"):
        from_secret_data(broken_secrets()[name])


def test_authority_is_renewed_a_year_before_its_end():
    authority = new_authority(NOW)
    end = authority.certificate.not_valid_after_utc
    assert not authority.due_for_renewal(end - timedelta(days=366))
    assert authority.due_for_renewal(end - timedelta(days=364))


@pytest.fixture
def files(tmp_path: Path):
    write_files(tmp_path, new_authority(NOW))
    return FileCertificates(tmp_path / "tls.crt", tmp_path / "tls.key", tmp_path / "ca.crt")


def write_files(folder: Path, authority) -> None:
    leaf = issue_leaf(authority, NAMES, LIFE, NOW)
    certificate, key = leaf.pem.split(b"-----BEGIN PRIVATE")
    (folder / "tls.crt").write_bytes(certificate)
    (folder / "tls.key").write_bytes(b"-----BEGIN PRIVATE" + key)
    (folder / "ca.crt").write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))


async def test_files_are_served_and_read_again_when_they_change(files, tmp_path):
    context = server_context()
    first = await files.refresh(context, NOW)
    serial = await serial_served(context, first.ca_bundle_pem)
    write_files(tmp_path, new_authority(NOW))
    second = await files.refresh(context, NOW)
    assert await serial_served(context, second.ca_bundle_pem) != serial


@pytest.mark.parametrize(
    ("name", "content", "flag"),
    [
        ("tls.crt", None, "--tls-cert-file"),
        ("tls.crt", b"x", "--tls-cert-file"),
        ("tls.key", None, "--tls-key-file"),
        ("ca.crt", None, "--ca-file"),
    ],
)
async def test_bad_file_names_flag_and_remedy(files, tmp_path, name, content, flag):
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingsError, match=rf"{flag}: .* Give"):
        await files.refresh(server_context(), NOW)


async def test_key_of_another_certificate_names_flag_and_remedy(files, tmp_path):
    key = key_pem(new_authority(NOW).key)
    (tmp_path / "tls.key").write_bytes(key)
    with pytest.raises(SettingsError, match=r"--tls-key-file: .* is not the key of"):
        await files.refresh(server_context(), NOW)
