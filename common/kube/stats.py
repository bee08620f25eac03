"""What the API layer counts about itself."""

from __future__ import annotations

from collections import Counter


class ClientStats:
    """Plain counters, read by the metrics of whoever owns the client.

    Attributes:
        requests: Answers by (method, HTTP status).
        retries: Requests that were tried again, by class of error.
        watches: Ends of watches by (plural, reason).
        relists: Full reads after the first, by plural.
        undecodable: Objects that were skipped because they did not decode, by plural.
        handler_errors: Exceptions out of change handlers, by plural.
    """

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()
        self.retries: Counter[str] = Counter()
        self.watches: Counter[tuple[str, str]] = Counter()
        self.relists: Counter[str] = Counter()
        self.undecodable: Counter[str] = Counter()
        self.handler_errors: Counter[str] = Counter()

    def answered(self, method: str, code: int) -> None:
        """Counts one answer."""
        self.requests[method, code] += 1
