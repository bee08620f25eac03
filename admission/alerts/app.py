"""The alerts process put together: one leader looks at the facts, keeps the book and serves the sinks."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import uuid
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from admission.alerts.book import Alert, AlertBook, Patience
from admission.alerts.feeds import AlertFeeds
from admission.alerts.metrics import AlertMetrics
from admission.alerts.outbox import load, save
from admission.alerts.quiet import parse_quiet_hours
from admission.alerts.sender import Sender
from admission.alerts.settings import AlertSettings
from admission.alerts.sinks import sender, sinks
from admission.alerts.snoozes import Snoozes
from common.alerts.notice import Notice
from common.clock import Clock, SystemClock
from common.kube.client import Client
from common.kube.config_sources import load_config
from common.kube.election import LeaderElector, Leadership
from common.service.app import Service
from common.service.settings import SettingsError
from common.webhook.probe import probe

log = logging.getLogger(__name__)

_LEASE = "climatik-alerts"
_SAVE_SECONDS = 60.0


class Alerts:
    """The program behind ``python -m admission --alerts``."""

    def __init__(self, service: Service, settings: AlertSettings, clock: Clock | None = None) -> None:
        self._service = service
        self._settings = settings
        self._clock = clock or SystemClock()
        self._metrics = AlertMetrics(service.registry)
        self._folder = Path(settings.state_folder)
        self._snoozes = Snoozes()
        self._saved_at = float("-inf")

    async def run(self) -> None:
        """Campaigns for the Lease and serves while it leads; with ``once`` logs what holds now and returns.

        Raises:
            SettingsError: A setting is wrong, or the state folder cannot be written.
            ConfigError: There is no cluster to be found.
        """
        parse_quiet_hours(self._settings.quiet_hours, self._settings.quiet_hours_time_zone)
        config = load_config(self._settings.kubeconfig)
        async with (
            Client(config, user_agent="climatik-alerts") as client,
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        ):
            if self._settings.once or self._settings.dry_run:
                await self._watch(AlertFeeds(client, self._settings.namespace, self._metrics), [], session)
                return
            self._prepare_folder()
            senders = self._senders(client, session)
            identity = f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"
            elector = LeaderElector(client, _LEASE, self._settings.namespace, identity, clock=self._clock)

            async def lead(_: Leadership) -> None:
                feeds = AlertFeeds(client, self._settings.namespace, self._metrics)
                await self._watch(feeds, senders, session)

            await elector.run(lead)

    def _prepare_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"--state-folder: {self._folder} cannot be made ({error.strerror}). Name one that can."
            ) from error
        if not os.access(self._folder, os.W_OK):
            raise SettingsError(f"--state-folder: {self._folder} cannot be written. Name one that can.")

    def _senders(self, client: Client, session: aiohttp.ClientSession) -> list[Sender]:
        found = sinks(self._settings, client, session, self._clock)
        senders = [sender(sink, self._settings, self._clock, self._metrics, self._snoozes) for sink in found]
        if not senders:
            raise SettingsError(
                "no sink is named: give --events, --slack-webhook-url-file, --alertmanager-urls …"
            )
        self._service.health.ready(
            "disk", lambda: "; ".join(filter(None, (s.problem for s in senders))) or None
        )
        return senders

    async def _watch(
        self, feeds: AlertFeeds, senders: Sequence[Sender], session: aiohttp.ClientSession
    ) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(informer.run()) for informer in feeds.informers]
            await feeds.wait_synced()
            if self._settings.probe_seconds:
                tasks.append(group.create_task(self._probe(feeds, session)))
            tasks += [group.create_task(each.run()) for each in senders]
            await self._look_again_and_again(feeds, senders)
            for task in tasks:
                task.cancel()

    async def _look_again_and_again(self, feeds: AlertFeeds, senders: Sequence[Sender]) -> None:
        book = AlertBook(self._patience(), self._remembered())
        while True:
            self._look(book, feeds, senders)
            if self._settings.once:
                return
            await asyncio.sleep(self._settings.look_seconds)

    def _look(self, book: AlertBook, feeds: AlertFeeds, senders: Sequence[Sender]) -> None:
        now = self._clock.now()
        told = book.observe(feeds.facts(now), now)
        firing = book.firing()
        reminders = self._snoozes.look(feeds.snoozes(), firing, now)
        for each in senders:
            each.put([*told, *reminders])
            each.repeat(firing)
        self._metrics.show_firing(firing)
        for notice in told:
            _log(notice)
        # After the outboxes: a crash in between tells twice rather than never.
        self._remember(book, changed=bool(told))

    def _patience(self) -> Patience:
        settings = self._settings
        fire_after = 0.0 if settings.once else settings.fire_after_seconds
        return Patience(fire_after, settings.resolve_after_seconds)

    def _remembered(self) -> list[Alert]:
        return [] if self._settings.once else load(self._folder / "book.json", list[Alert], [])

    def _remember(self, book: AlertBook, *, changed: bool) -> None:
        now = self._clock.monotonic()
        if self._settings.once or self._settings.dry_run:
            return
        if changed or now - self._saved_at >= _SAVE_SECONDS:
            save(self._folder / "book.json", book.alerts())
            self._saved_at = now

    async def _probe(self, feeds: AlertFeeds, session: aiohttp.ClientSession) -> None:
        while True:
            configuration = feeds.configuration()
            feeds.probe_problem = await probe(session, configuration) if configuration else ""
            await asyncio.sleep(self._settings.probe_seconds)


def _log(notice: Notice) -> None:
    log.info(
        "alert",
        extra={
            "state": notice.state,
            "alert": notice.name,
            "severity": notice.severity,
            "object": notice.where,
            "detail": notice.detail,
        },
    )
