"""The API server's ``Warning`` headers: deprecated versions, unknown fields."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)

_MAX_REMEMBERED = 256
_seen: set[str] = set()


def log_warning(header: str) -> None:
    """Logs a warning of the server once per process, so that a loop does not repeat it for ever."""
    if header in _seen or len(_seen) >= _MAX_REMEMBERED:
        return
    _seen.add(header)
    logger.warning("the API server warns", extra={"warning": header})
