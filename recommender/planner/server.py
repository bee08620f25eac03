"""The gRPC server: the Planner, health and reflection, over TLS where files are named."""

from __future__ import annotations

from pathlib import Path

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from common.service.endpoints import write_port
from common.service.options import SettingsError
from recommender.planner.config import PlanSettings
from recommender.planner.credentials import server_credentials
from recommender.planner.servicer import SERVICE, Servicer


class Server:
    """One server on one address."""

    def __init__(self, settings: PlanSettings, servicer: Servicer) -> None:
        self._settings = settings
        self._health = health.aio.HealthServicer()
        self._server = grpc.aio.server()
        self._server.add_generic_rpc_handlers((servicer.handler(),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)
        self.port = 0

    async def start(self) -> None:
        """Listens; health says that it does not serve yet.

        Raises:
            SettingsError: The address cannot be bound, or a TLS file cannot be read.
        """
        address, credentials = self._settings.grpc_listen_address, server_credentials(self._settings)
        try:
            if credentials is None:
                self.port = self._server.add_insecure_port(address)
            else:
                self.port = self._server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise SettingsError(f"--grpc-listen-address: cannot listen on {address}: {error}") from None
        await self.say(serving=False)
        await self._server.start()
        if self._settings.grpc_port_file:
            write_port(Path(self._settings.grpc_port_file), self.port)

    async def say(self, *, serving: bool) -> None:
        """Tells health whether plans can be had."""
        codes = health_pb2.HealthCheckResponse
        for name in ("", SERVICE):
            await self._health.set(name, codes.SERVING if serving else codes.NOT_SERVING)

    async def stop(self, grace_seconds: float) -> None:
        """Refuses new requests, and gives those in flight some time."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_seconds)
