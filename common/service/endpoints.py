"""The HTTP side of a process: /metrics, /healthz, /readyz and routes of the binary's own."""

from __future__ import annotations

import ipaddress
import logging
import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from common.service.health import Health, render_failures
from common.service.metrics import CONTENT_TYPE, MetricsPage
from common.service.options import SettingsError

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Address:
    """Host and port to listen on; port 0 is any free one."""

    host: str
    port: int


def parse_address(text: str, flag: str = "--listen-address") -> Address:
    """Parses ``host:port``, ``[v6]:port`` or ``:port`` (all addresses).

    Raises:
        SettingsError: Naming the flag and the remedy.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65_535:
        raise SettingsError(f"{flag}: {text!r} is not host:port. For example: {flag}=127.0.0.1:0")
    host = host.removeprefix("[").removesuffix("]")
    if ":" in host:
        _check_v6(host, text, flag)
    return Address(host, int(port))


def _check_v6(host: str, text: str, flag: str) -> None:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        raise SettingsError(f"{flag}: {text!r} is not host:port. For example: {flag}=[::1]:0") from None


class Endpoints:
    """An HTTP server for probes and scrapes; closed last, so that it answers until the work has stopped."""

    def __init__(self, health: Health, page: MetricsPage) -> None:
        self._health = health
        self._page = page
        self._app = web.Application()
        self._app.router.add_get("/metrics", self._metrics)
        self._app.router.add_get("/healthz", self._healthz)
        self._app.router.add_get("/readyz", self._readyz)
        self._runner: web.AppRunner | None = None

    def add_route(self, method: str, path: str, handler: Handler) -> None:
        """Adds a route of the binary's own; before ``open``."""
        self._app.router.add_route(method, path, handler)

    async def open(self, address: Address) -> int:
        """Starts to listen and returns the bound port.

        Raises:
            OSError: The address is taken or not ours.
        """
        self._runner = web.AppRunner(self._app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, address.host or None, address.port).start()
        bound: int = self._runner.addresses[0][1]
        return bound

    async def close(self) -> None:
        """Stops to listen."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._page.render(), headers={"Content-Type": CONTENT_TYPE})

    async def _healthz(self, _request: web.Request) -> web.Response:
        return _probe(self._health.failures_live())

    async def _readyz(self, _request: web.Request) -> web.Response:
        return _probe(self._health.failures_ready())


def _probe(failures: dict[str, str]) -> web.Response:
    return web.Response(status=503 if failures else 200, text=render_failures(failures))


def write_port(path: Path, port: int) -> None:
    """Writes the port so that a reader sees the whole number or no file."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as out:
        out.write(f"{port}\n")
    Path(temporary).replace(path)
