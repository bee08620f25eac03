"""Tokens, certificates and trust that change while the process runs."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from pathlib import Path

from common.clock import Clock
from common.http.file_mark import FileMark, file_mark
from common.kube.config import ClusterConfig, TlsConfig
from common.kube.errors import ConfigError, ConnectionNotMade

CHECK_SECONDS = 1.0
"""How often, at most, files are looked at for a change."""

SOURCE_SECONDS = 60.0
"""How long a token from exec or OIDC log-in is kept before its source is asked again."""


class Credentials:
    """Gives the current token and TLS context; looks at the files behind them at most once a second."""

    def __init__(self, config: ClusterConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._token = config.token
        self._token_mark: FileMark = None
        self._context: ssl.SSLContext | None = None
        self._tls_marks: list[FileMark] = []
        self._tls_checked = self._token_checked = float("-inf")
        self._source_lock = asyncio.Lock()

    async def token(self) -> str:
        """Returns the bearer token to send, or an empty string where there is none.

        Raises:
            ConnectionNotMade: The token file cannot be read, or the log-in helper failed.
        """
        if self._config.token_source:
            return await self._token_from_source()
        if self._config.token_file and self._due(self._token_checked):
            self._token_checked = self._clock.monotonic()
            self._read_token_file(Path(self._config.token_file))
        return self._token

    def tls(self) -> ssl.SSLContext | None:
        """Returns the TLS context of this moment, or None for a plain-text server.

        A changed CA or client certificate gives a new context: pooled connections belong to the old
        one and are not used again.

        Raises:
            ConfigError: A certificate or key cannot be read at the first attempt. Later the old
                context stays in use, since files may be half-written.
        """
        if not self._config.server.startswith("https"):
            return None
        if self._context is None or self._due(self._tls_checked):
            self._tls_checked = self._clock.monotonic()
            self._refresh_context()
        return self._context

    def invalidate(self) -> None:
        """Forgets when files were last looked at, after the server refused what we sent."""
        self._tls_checked = self._token_checked = float("-inf")

    def _due(self, checked: float) -> bool:
        return self._clock.monotonic() - checked >= CHECK_SECONDS

    def _read_token_file(self, path: Path) -> None:
        mark = file_mark(str(path))
        if mark == self._token_mark and self._token:
            return
        try:
            token = path.read_text().strip()
        except OSError as error:
            if self._token:
                return
            raise ConnectionNotMade(f"token file {path} cannot be read: {error}") from error
        if token:
            self._token, self._token_mark = token, mark

    async def _token_from_source(self) -> str:
        async with self._source_lock:
            fresh = self._clock.monotonic() - self._token_checked < SOURCE_SECONDS
            if self._config.token_source and not fresh:
                try:
                    self._token = await asyncio.to_thread(self._config.token_source)
                except Exception as error:
                    raise ConnectionNotMade(f"the kubeconfig's log-in helper failed: {error}") from error
                self._token_checked = self._clock.monotonic()
            return self._token

    def _refresh_context(self) -> None:
        tls = self._config.tls
        marks = [file_mark(path) for path in (tls.ca_file, tls.cert_file, tls.key_file)]
        if self._context is not None and marks == self._tls_marks:
            return
        try:
            self._context = build_context(tls)
            self._tls_marks = marks
        except (OSError, ssl.SSLError) as error:
            if self._context is None:
                raise ConfigError(f"certificate files cannot be used: {error}; check {tls}") from error


def build_context(tls: TlsConfig) -> ssl.SSLContext:
    """Builds a client context that trusts the cluster's CA and shows our certificate, if we have one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif tls.ca_file or tls.ca_data:
        context.load_verify_locations(cafile=tls.ca_file or None, cadata=tls.ca_data or None)
    else:
        context.load_default_certs()
    if tls.cert_file or tls.cert_data:
        _load_certificate(context, tls)
    return context


def _load_certificate(context: ssl.SSLContext, tls: TlsConfig) -> None:
    """Loads the client certificate; inline data passes through a private folder: ``ssl`` reads files."""
    with tempfile.TemporaryDirectory(prefix="climatik-") as folder:
        cert = tls.cert_file or _write(Path(folder, "cert.pem"), tls.cert_data)
        key = tls.key_file or (_write(Path(folder, "key.pem"), tls.key_data) if tls.key_data else None)
        context.load_cert_chain(cert, key)


def _write(path: Path, text: str) -> str:
    path.touch(mode=0o600)
    path.write_text(text)
    return str(path)
