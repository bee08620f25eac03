"""Where the serving certificate comes from: the shared authority, or files that somebody else keeps fresh."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509

from admission.authority import Authority
from admission.leaf import Leaf, issue_leaf
from admission.tls_context import use_certificate
from common.service.settings import SettingsError


@dataclass(frozen=True)
class Served:
    """What is served now.

    Attributes:
        ca_bundle_pem: What the API server must trust.
        not_after: When the serving certificate ends.
    """

    ca_bundle_pem: bytes
    not_after: datetime


class CertificateSource(Protocol):
    """Keeps the certificate of a context fresh."""

    async def refresh(self, context: ssl.SSLContext, now: datetime) -> Served:
        """Exchanges the certificate where that is due, and says what is served.

        Raises:
            KubeError: The authority could not be read or written.
            SettingsError: The files do not hold a certificate.
        """
        ...


class AuthoritySource(Protocol):
    """Where the signing authority comes from."""

    async def current(self, now: datetime) -> Authority:
        """Returns the authority to sign with."""
        ...


class IssuedCertificates:
    """Leaves of this replica's own, signed by the authority that all replicas share."""

    def __init__(self, store: AuthoritySource, names: list[str], lifetime: timedelta) -> None:
        self._store = store
        self._names = names
        self._lifetime = lifetime
        self._signer: Authority | None = None
        self._seen = ""
        self._leaf: Leaf | None = None

    async def refresh(self, context: ssl.SSLContext, now: datetime) -> Served:
        """Issues a new leaf when it is due, or when the replicas have gone over to another authority."""
        authority = await self._store.current(now)
        leaf = self._leaf
        if leaf is None or now >= leaf.renew_at() or self._should_follow(authority):
            leaf = self._exchange(context, authority, now)
        self._seen = authority.fingerprint
        return Served(authority.bundle_pem, leaf.not_after)

    def _should_follow(self, authority: Authority) -> bool:
        """Whether to leave the old signer now.

        A successor that still vouches for it signs from the second refresh on: the first one gets its bundle
        registered, so that the API server trusts the new leaf before it meets it.
        """
        if self._signer is None or authority.fingerprint == self._signer.fingerprint:
            return False
        return authority.fingerprint == self._seen or not authority.vouches_for(self._signer)

    def _exchange(self, context: ssl.SSLContext, authority: Authority, now: datetime) -> Leaf:
        leaf = issue_leaf(authority, self._names, self._lifetime, now)
        use_certificate(context, leaf.pem)
        self._leaf, self._signer = leaf, authority
        return leaf


class FileCertificates:
    """A certificate, its key and the CA to trust, from files; read again when they change."""

    def __init__(self, certificate: Path, key: Path, authority: Path) -> None:
        self._certificate = certificate
        self._key = key
        self._authority = authority
        self._loaded = b""

    async def refresh(self, context: ssl.SSLContext, now: datetime) -> Served:
        """Loads the files when their content differs from what is served."""
        certificate = _read(self._certificate, "--tls-cert-file")
        pem = certificate + b"\n" + _read(self._key, "--tls-key-file")
        bundle = _read(self._authority, "--ca-file")
        not_after = _end_of(certificate, self._certificate)
        if pem != self._loaded:
            self._use(context, pem)
        return Served(bundle, not_after)

    def _use(self, context: ssl.SSLContext, pem: bytes) -> None:
        try:
            use_certificate(context, pem)
        except ssl.SSLError as error:
            raise SettingsError(
                f"--tls-key-file: {self._key} is not the key of {self._certificate} ({error.reason}). "
                "Give the two files that belong together."
            ) from error
        self._loaded = pem


def _read(path: Path, flag: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"{flag}: {path} cannot be read: {error.strerror}. Give a readable PEM file."
        ) from error


def _end_of(certificate: bytes, path: Path) -> datetime:
    try:
        return x509.load_pem_x509_certificate(certificate).not_valid_after_utc
    except ValueError as error:
        raise SettingsError(f"--tls-cert-file: {path} holds no PEM certificate. Give one.") from error
