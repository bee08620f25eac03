"""Where the API server is and how we prove who we are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TlsConfig:
    """Trust and client certificate, each from a file (re-read when it changes) or from data."""

    ca_file: str = ""
    ca_data: str = ""
    cert_file: str = ""
    cert_data: str = ""
    key_file: str = ""
    key_data: str = field(default="", repr=False)
    insecure: bool = False
    server_name: str = ""


@dataclass(frozen=True)
class ClusterConfig:
    """One API server and one identity.

    Attributes:
        server: Base URL, with a path prefix where the server has one.
        namespace: The namespace that the context or the service account names.
        tls: Trust and client certificate.
        token: A bearer token that never changes.
        token_file: A file that holds the bearer token; read again when it changes.
        token_source: Fetches a token that may expire (exec and OIDC log-in). Blocking: called in a thread.
        proxy_url: A proxy, only where the kubeconfig asks for one; the environment is never consulted.
    """

    server: str
    namespace: str = "default"
    tls: TlsConfig = TlsConfig()
    token: str = field(default="", repr=False)
    token_file: str = ""
    token_source: Callable[[], str] | None = None
    proxy_url: str = ""
