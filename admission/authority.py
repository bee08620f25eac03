"""The certificate authority that the API server trusts for this webhook: made, read, succeeded."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LIFETIME: Final = timedelta(days=3650)
RENEW_BEFORE: Final = timedelta(days=365)
CLOCK_SKEW: Final = timedelta(hours=1)

_CERTIFICATE, _KEY, _BUNDLE = "tls.crt", "tls.key", "ca.crt"


class AuthorityError(ValueError):
    """The Secret does not hold an authority; the text names the entry."""


@dataclass(frozen=True)
class Authority:
    """A CA certificate with its key, and the bundle that clients should trust while authorities change over.

    Attributes:
        certificate: The CA certificate that signs now.
        key: Its private key.
        bundle_pem: ``certificate``, and an earlier one whose leaves may still be in use.
    """

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    bundle_pem: bytes

    def due_for_renewal(self, now: datetime) -> bool:
        """Whether a successor should sign from now on."""
        return now >= self.certificate.not_valid_after_utc - RENEW_BEFORE

    def vouches_for(self, other: Authority) -> bool:
        """Whether clients that trust the bundle trust leaves of another authority, too."""
        return other.certificate.public_bytes(serialization.Encoding.PEM) in self.bundle_pem

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate in hex, to compare and to log."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()


def new_authority(now: datetime, predecessor: Authority | None = None) -> Authority:
    """Makes a P-256 authority; its bundle keeps the predecessor, so that leaves of either are trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "climatik-webhook-ca")])
    usage = x509.KeyUsage(
        key_cert_sign=True, crl_sign=True, digital_signature=False, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    old = predecessor.certificate.public_bytes(serialization.Encoding.PEM) if predecessor else b""
    return Authority(certificate, key, certificate.public_bytes(serialization.Encoding.PEM) + old)


def to_secret_data(authority: Authority) -> dict[str, str]:
    """Returns the authority as the base64 entries of a ``kubernetes.io/tls`` Secret."""
    entries = {
        _CERTIFICATE: authority.certificate.public_bytes(serialization.Encoding.PEM),
        _KEY: key_pem(authority.key),
        _BUNDLE: authority.bundle_pem,
    }
    return {name: base64.b64encode(content).decode() for name, content in entries.items()}


def from_secret_data(data: Mapping[str, str]) -> Authority:
    """Reads an authority back.

    Raises:
        AuthorityError: An entry is missing or malformed, or key and certificate do not belong together.
    """
    try:
        certificate = x509.load_pem_x509_certificate(base64.b64decode(data[_CERTIFICATE]))
        key = serialization.load_pem_private_key(base64.b64decode(data[_KEY]), password=None)
        bundle = base64.b64decode(data.get(_BUNDLE) or data[_CERTIFICATE])
    except KeyError as error:
        raise AuthorityError(f"entry {error.args[0]} is missing") from error
    except (ValueError, TypeError) as error:
        raise AuthorityError(f"an entry is malformed: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise AuthorityError(f"entry {_KEY} is not the key of {_CERTIFICATE}")
    return Authority(certificate, key, bundle)


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Returns a private key as unencrypted PKCS #8."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class MemoryAuthority:
    """An authority that no other replica shares: for trials that must write nothing."""

    def __init__(self) -> None:
        self._authority: Authority | None = None

    async def current(self, now: datetime) -> Authority:
        """Returns the authority, made at the first call."""
        self._authority = self._authority or new_authority(now)
        return self._authority
