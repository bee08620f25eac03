"""What can go wrong with a source of the grid, by whether asking again can help."""

from __future__ import annotations


class GridSourceError(Exception):
    """A source did not answer usefully; the message says which, why, and what to do. It bears no secret."""


class GridUnavailableError(GridSourceError):
    """Asking again may help: no connection, deadline passed, 429, 5xx, nothing published yet.

    Attributes:
        retry_after_seconds: What the source asked for, or None.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class GridRefusedError(GridSourceError):
    """Asking again cannot help: bad credentials, an unknown zone, an answer in another format."""
