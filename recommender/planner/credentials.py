"""How the Planner is reached: over TLS, with certificates that may be renewed under way, or in plain text."""

from __future__ import annotations

import logging
from ipaddress import ip_address
from pathlib import Path

import grpc

from common.service.options import SettingsError
from recommender.planner.config import PlanSettings

log = logging.getLogger(__name__)


def server_credentials(settings: PlanSettings) -> grpc.ServerCredentials | None:
    """Returns the credentials of a server; None for plain text.

    Certificates are read anew for each connection, so that a renewed one needs no restart; one that cannot be
    read then is replaced by the last that could.

    Raises:
        SettingsError: A file cannot be read, one is named without the other, or other machines could connect
            without TLS.
    """
    if bool(settings.tls_certificate_file) != bool(settings.tls_key_file):
        raise SettingsError("--tls-certificate-file and --tls-key-file: give both, or neither")
    if settings.client_ca_file and not settings.tls_certificate_file:
        raise SettingsError("--client-ca-file: needs --tls-certificate-file and --tls-key-file")
    if settings.tls_certificate_file:
        first = _configuration(settings)
        return grpc.dynamic_ssl_server_credentials(
            first, lambda: _renewed(settings), require_client_authentication=bool(settings.client_ca_file)
        )
    if not settings.allow_plaintext and not _is_loopback(settings.grpc_listen_address):
        raise SettingsError(
            f"--grpc-listen-address: {settings.grpc_listen_address} can be reached from elsewhere: give"
            " --tls-certificate-file and --tls-key-file, or say --allow-plaintext"
        )
    return None


def _renewed(settings: PlanSettings) -> grpc.ServerCertificateConfiguration | None:
    try:
        return _configuration(settings)
    except SettingsError as error:
        log.warning("the last certificate is kept", extra={"error": str(error)})
        return None


def _configuration(settings: PlanSettings) -> grpc.ServerCertificateConfiguration:
    authority = _bytes(settings.client_ca_file, "--client-ca-file") if settings.client_ca_file else None
    key = _bytes(settings.tls_key_file, "--tls-key-file")
    certificate = _bytes(settings.tls_certificate_file, "--tls-certificate-file")
    return grpc.ssl_server_certificate_configuration([(key, certificate)], root_certificates=authority)


def _is_loopback(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost" or address.startswith("unix:"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _bytes(path: str, flag: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SettingsError(f"{flag}: cannot read {path}: {error.strerror}") from None
