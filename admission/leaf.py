"""The certificate that one replica serves with: short-lived, signed by the shared authority."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from admission.authority import CLOCK_SKEW, Authority, key_pem

_RENEW_AFTER: Final = 2 / 3


@dataclass(frozen=True)
class Leaf:
    """A serving certificate and its key, as one PEM text (certificate first), with its validity."""

    pem: bytes
    not_before: datetime
    not_after: datetime

    def renew_at(self) -> datetime:
        """When to replace it: after two thirds of its life, so that failures leave a third to cure them."""
        return self.not_before + (self.not_after - self.not_before) * _RENEW_AFTER


def issue_leaf(authority: Authority, names: Sequence[str], lifetime: timedelta, now: datetime) -> Leaf:
    """Issues a P-256 certificate for DNS names and IP addresses.

    Args:
        authority: Who signs.
        names: At least one DNS name or IP address.
        lifetime: How long it is valid from now; never beyond the authority's own end.
        now: The present.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    end = min(now + lifetime, authority.certificate.not_valid_after_utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
        .sign(authority.key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM) + key_pem(key)
    return Leaf(pem, now, end)


def service_names(service: str, namespace: str) -> list[str]:
    """Returns the names by which clients in the cluster may call a Service."""
    return [
        f"{service}.{namespace}.svc",
        f"{service}.{namespace}",
        service,
        f"{service}.{namespace}.svc.cluster.local",
    ]


def _alternatives(names: Iterable[str]) -> list[x509.GeneralName]:
    return [_alternative(name) for name in dict.fromkeys(names)]


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
