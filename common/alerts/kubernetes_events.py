"""Kubernetes Events: what ``kubectl describe`` shows under the object that an alert is about."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from typing import Any

from common.alerts.notice import Notice
from common.alerts.sink import SinkFailed, SinkRefused
from common.api.core import EVENTS
from common.api.meta import to_builtins
from common.kube.client import Client
from common.kube.errors import AlreadyExists, Forbidden, Invalid, KubeError, NotFound, Rejected
from common.kube.events import MAX_MESSAGE_CHARACTERS

log = logging.getLogger(__name__)

_COMPONENT = "climatik-alerts"
_TERMINATING = "NamespaceTerminating"


class EventsSink:
    """Writes one Event for each notice, named after it, so that a repeat changes nothing."""

    name = "events"
    largest_batch = 1
    resend_seconds = 0.0

    def __init__(self, client: Client) -> None:
        self._client = client

    async def send(self, notices: Sequence[Notice]) -> None:
        """See :class:`common.alerts.sink.Sink`."""
        for notice in notices:
            body = as_event(notice)
            try:
                await self._client.create(EVENTS, body, body["metadata"]["namespace"])
            except AlreadyExists:
                continue
            except (Invalid, Rejected) as error:
                raise SinkRefused(str(error)) from error
            except KubeError as error:
                if not _has_no_place(error):
                    raise SinkFailed(str(error)) from error
                # Others would wait behind it; it is not lost either, as nobody could read it there.
                log.info("an Event has no place any more", extra={"object": notice.where})


def _has_no_place(error: KubeError) -> bool:
    """Whether the namespace is gone, or takes nothing new because it is on its way out."""
    if isinstance(error, Forbidden):
        return any(cause.reason == _TERMINATING for cause in error.status.causes)
    return isinstance(error, NotFound)


def as_event(notice: Notice) -> dict[str, Any]:
    """Returns the Event of a notice. Those about cluster-scoped objects live in ``default``."""
    namespace = notice.subject.namespace or "default"
    told = f"{notice.fingerprint} {notice.started_at} {notice.severity} {notice.state}"
    moment = notice.ended_at or notice.started_at
    return {
        "metadata": {
            "name": f"{notice.subject.name[:200]}.{hashlib.sha256(told.encode()).hexdigest()[:16]}",
            "namespace": namespace,
        },
        "involvedObject": to_builtins(notice.subject),
        "type": "Normal" if notice.resolved else "Warning",
        "reason": f"{notice.name}Resolved" if notice.resolved else notice.name,
        "message": _message(notice),
        "count": 1,
        "firstTimestamp": moment,
        "lastTimestamp": moment,
        "source": {"component": _COMPONENT},
        "reportingComponent": _COMPONENT,
        "reportingInstance": _COMPONENT,
    }


def _message(notice: Notice) -> str:
    parts = [notice.summary, notice.detail, "" if notice.resolved else notice.advice]
    text = ". ".join(part.rstrip(".") for part in parts if part)
    return text if len(text) <= MAX_MESSAGE_CHARACTERS else f"{text[: MAX_MESSAGE_CHARACTERS - 1]}…"
