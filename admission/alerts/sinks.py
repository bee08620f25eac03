"""The sinks that the settings name, each with its outbox and its manners."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from admission.alerts.metrics import AlertMetrics
from admission.alerts.outbox import Outbox
from admission.alerts.quiet import parse_quiet_hours
from admission.alerts.sender import Manners, Sender
from admission.alerts.settings import AlertSettings
from admission.alerts.snoozes import Snoozes
from common.alerts.alertmanager import AlertmanagerSink
from common.alerts.cloudevents import CloudEventsSink
from common.alerts.kubernetes_events import EventsSink
from common.alerts.sink import Sink
from common.alerts.slack import SlackSink
from common.clock import Clock
from common.kube.client import Client
from common.service.settings import SettingsError

_BURST = 10


def sinks(
    settings: AlertSettings, client: Client, session: aiohttp.ClientSession, clock: Clock
) -> Iterator[Sink]:
    """Yields the sinks.

    Raises:
        SettingsError: An address is malformed or a file cannot be read.
    """
    if settings.events:
        yield EventsSink(client)
    slack = secret(settings.slack_webhook_url, settings.slack_webhook_url_file, "--slack-webhook-url-file")
    if slack:
        yield SlackSink(session, _checked(slack, "--slack-webhook-url"), buttons=settings.slack_buttons)
    for index, url in enumerate(settings.alertmanager_urls):
        yield AlertmanagerSink(
            session,
            _checked(url, "--alertmanager-urls"),
            clock,
            name=f"alertmanager-{index}",
            resend_seconds=settings.alertmanager_resend_seconds,
        )
    endpoint = secret(settings.cloudevents_url, settings.cloudevents_url_file, "--cloudevents-url-file")
    if endpoint:
        token = secret("", settings.cloudevents_token_file, "--cloudevents-token-file")
        yield CloudEventsSink(session, _checked(endpoint, "--cloudevents-url"), token)


def sender(
    sink: Sink, settings: AlertSettings, clock: Clock, metrics: AlertMetrics, snoozes: Snoozes | None = None
) -> Sender:
    """Returns what brings a sink its notices; their queue is a file of its own in the state folder."""
    dropped = metrics.dropped.labels(sink.name)
    outbox = Outbox(Path(settings.state_folder) / f"{sink.name}.json", settings.queue_length, dropped.inc)
    return Sender(sink, outbox, manners(sink, settings, snoozes), clock, metrics)


def manners(sink: Sink, settings: AlertSettings, snoozes: Snoozes | None = None) -> Manners:
    """Returns how to talk to a sink: machines take everything at once, people do not."""
    if isinstance(sink, AlertmanagerSink | EventsSink):
        return Manners()
    return Manners(
        messages_per_minute=settings.messages_per_minute,
        burst=_BURST,
        gather_seconds=settings.gather_seconds,
        quiet=parse_quiet_hours(settings.quiet_hours, settings.quiet_hours_time_zone),
        snoozes=snoozes,
    )


def secret(value: str, path: str, flag: str) -> str:
    """Returns a secret given by itself or by a file.

    Raises:
        SettingsError: The file cannot be read or is empty.
    """
    if value or not path:
        return value
    try:
        text = Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{flag}: {path} cannot be read ({type(error).__name__})") from None
    if not text:
        raise SettingsError(f"{flag}: {path} is empty. Write the value into it, or leave {flag} out.")
    return text


def _checked(url: str, flag: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"{flag}: the value given is no http or https URL. Correct it, or leave it out.")
    return url
