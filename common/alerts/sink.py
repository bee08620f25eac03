"""What a sink is, and how it fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from common.alerts.notice import Notice


class SinkFailed(Exception):  # noqa: N818 - an outcome that is retried
    """The notices did not arrive, or may not have: they are kept and sent again.

    Attributes:
        retry_after_seconds: What the other side asked for; None where it said nothing.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class SinkRefused(Exception):  # noqa: N818 - an outcome that is counted
    """The other side will never take these notices: they are dropped, counted and logged."""


class Sink(Protocol):
    """A place that notices go to.

    Attributes:
        name: Names files and metrics: lower case, digits and hyphens.
        largest_batch: Most notices in one call of ``send``.
        resend_seconds: Notices that still fire are sent again so often; 0 for once.
    """

    name: str
    largest_batch: int
    resend_seconds: float

    async def send(self, notices: Sequence[Notice]) -> None:
        """Delivers notices of one group.

        Raises:
            SinkFailed: Try again later.
            SinkRefused: Never try these again.
        """
        ...
