"""The Slack app put together."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from admission.alerts.sinks import secret
from admission.slack.approval import Bounds
from admission.slack.audit import Audit
from admission.slack.desk import Desk, Limits
from admission.slack.expiry import Expiry
from admission.slack.late import LateAnswers
from admission.slack.metrics import SlackMetrics
from admission.slack.people import APPROVE, READ, SNOOZE, AllowList, UserGroups
from admission.slack.server import SlackServer
from admission.slack.settings import SlackSettings
from admission.slack.signature import SignatureGate
from admission.slack.world import World
from admission.slack.writer import Writer
from common.clock import Clock, SystemClock
from common.kube.client import Client
from common.kube.config_sources import load_config
from common.kube.events import EventRecorder
from common.service.app import Service
from common.service.endpoints import write_port
from common.service.settings import SettingsError

log = logging.getLogger(__name__)

_COMPONENT = "climatik-slack"
_GROUP_DEADLINE_SECONDS = 1.5


class SlackApp:
    """The program behind ``python -m admission --slack``. One process serves: see ``SignatureGate``."""

    def __init__(self, service: Service, settings: SlackSettings, clock: Clock | None = None) -> None:
        self._service = service
        self._settings = settings
        self._clock = clock or SystemClock()
        self._metrics = SlackMetrics(service.registry)

    async def run(self) -> None:
        """Serves until cancelled; with ``once`` ends the approvals that are over, and returns.

        Raises:
            SettingsError: A setting is wrong or missing.
            ConfigError: There is no cluster to be found.
        """
        signing_secret = self._signing_secret()
        settings = self._settings
        token = secret(settings.slack_bot_token, settings.slack_bot_token_file, "--slack-bot-token-file")
        self._check_groups(token)
        config = load_config(self._settings.kubeconfig)
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(Client(config, user_agent=_COMPONENT))
            session = await stack.enter_async_context(
                aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
            )
            world, events = World(client), EventRecorder(client, _COMPONENT, self._clock)
            self._service.health.ready("caches", world.problem)
            audit, writer = Audit(events, self._metrics), Writer(client, self._settings.namespace)
            expiry = Expiry(world, writer, audit, self._clock, self._settings.look_seconds)
            desk = Desk(self._people(token, session), world, writer, audit, self._limits(), self._clock)
            gate = SignatureGate(signing_secret, self._clock.now().timestamp())
            late = LateAnswers(session, self._settings.slack_api_url, self._metrics)
            server = SlackServer(desk, gate, late, self._metrics, self._settings, self._clock)
            await self._serve(server, world, events, expiry)

    async def _serve(self, server: SlackServer, world: World, events: EventRecorder, expiry: Expiry) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(informer.run()) for informer in world.informers]
            tasks.append(group.create_task(events.run()))
            await asyncio.gather(*(informer.wait_synced() for informer in world.informers))
            if self._settings.once:
                await expiry.look()
            else:
                await self._listen(server, expiry)
            for task in tasks:
                task.cancel()

    async def _listen(self, server: SlackServer, expiry: Expiry) -> None:
        port = await server.open()
        log.info("listening to Slack", extra={"port": port})
        if self._settings.slack_port_file:
            write_port(Path(self._settings.slack_port_file), port)
        try:
            await expiry.run()
        finally:
            await server.close()

    def _signing_secret(self) -> str:
        given, file = self._settings.slack_signing_secret, self._settings.slack_signing_secret_file
        found = secret(given, file, "--slack-signing-secret-file")
        if not found.strip():
            raise SettingsError(
                "--slack-signing-secret-file is required: give it, or set SLACK_SIGNING_SECRET; the secret"
                " is among your Slack app's credentials."
            )
        return found

    def _check_groups(self, token: str) -> None:
        settings = self._settings
        lists = (settings.may_read, settings.may_snooze, settings.may_approve)
        if not token and any(each.startswith("S") for listed in lists for each in listed):
            raise SettingsError(
                "a user group (S…) is listed, but no token to ask who is in it: give --slack-bot-token-file,"
                " or list users (U…) alone."
            )

    def _people(self, token: str, session: aiohttp.ClientSession) -> AllowList:
        settings = self._settings
        client = AsyncWebClient(token, base_url=settings.slack_api_url, session=session) if token else None
        groups = UserGroups(
            client,
            self._clock,
            cache_seconds=settings.group_cache_seconds,
            deadline_seconds=_GROUP_DEADLINE_SECONDS,
        )
        rights = {READ: settings.may_read, SNOOZE: settings.may_snooze, APPROVE: settings.may_approve}
        return AllowList(rights, groups.members)

    def _limits(self) -> Limits:
        settings = self._settings
        bounds = Bounds(
            tuple(dict.fromkeys(settings.approve_levers)),
            settings.approve_minutes,
            settings.approve_minutes_most,
        )
        return Limits(bounds, settings.snooze_minutes, settings.snooze_minutes_most)
