"""Which failed requests are tried again, and when."""

from __future__ import annotations

from common.kube.errors import (
    ApiError,
    ConnectionNotMade,
    RetryableError,
    ServerError,
    TooManyRequests,
)

_RETRIED_CODES = frozenset({500, 502, 503, 504})


def worth_retrying(method: str, error: RetryableError | ApiError) -> bool:
    """Whether the same request may be sent again without asking the caller.

    Reads are repeated after anything transient. Writes are repeated only where the server said that it did
    not act (429, or 5xx with ``Retry-After``) or where nothing was sent: a write that may have landed is
    the caller's to judge. An eviction that a disruption budget forbids is an answer, not a failure.
    """
    if isinstance(error, TooManyRequests):
        return not error.disruption_budget
    if isinstance(error, ConnectionNotMade):
        return True
    if isinstance(error, ServerError):
        return error.retry_after_seconds is not None or _is_read(method, error)
    if isinstance(error, ApiError):
        return False
    return method == "GET"


def _is_read(method: str, error: ServerError) -> bool:
    return method == "GET" and error.status.code in _RETRIED_CODES
