"""What can go wrong when telemetry is asked for, by whether asking again can help."""

from __future__ import annotations


class TelemetryError(Exception):
    """Telemetry could not be had; the message says from where, why, and what to do."""


class TelemetryUnavailableError(TelemetryError):
    """Asking again may help: no connection, deadline passed, 429 or 5xx.

    Attributes:
        retry_after_seconds: What the server asked for, or None.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class TelemetryRefusedError(TelemetryError):
    """Asking again cannot help: a bad query, a bad token, an answer that is not Prometheus'."""
