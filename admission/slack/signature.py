"""Whether a request is Slack's own, new, and heard for the first time. No clock, no socket.

Source of the rule: "Verifying requests from Slack", docs.slack.dev: HMAC-SHA-256 over ``v0:timestamp:body``.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Final

from slack_sdk.signature import Clock, SignatureVerifier

WINDOW_SECONDS: Final = 300.0
"""Slack's advice: a request is valid so long after (and, for clocks that differ, before) its timestamp."""
_REMEMBERED: Final = 20_000

UNSIGNED: Final = "unsigned"
STALE: Final = "stale"
FORGED: Final = "forged"
REPLAYED: Final = "replayed"
BUSY: Final = "busy"


class _Moment(Clock):
    """A clock for the verifier that stands still at the request's own arrival."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds


class SignatureGate:
    """Lets each request of Slack's pass once.

    Signatures are remembered as long as they are valid. Those of before a start are not known, so what was
    signed before it is refused: together nothing passes twice, as long as one process serves.
    """

    def __init__(self, signing_secret: str, started_at: float) -> None:
        self._moment = _Moment()
        self._verifier = SignatureVerifier(signing_secret, self._moment)
        self._started_at = math.floor(started_at)
        self._seen: OrderedDict[str, float] = OrderedDict()

    def refusal(self, body: bytes, timestamp: str, signature: str, now: float) -> str:
        """Returns why a request is refused; empty where it may pass, which it then may not again.

        Args:
            body: The raw body.
            timestamp: Header ``X-Slack-Request-Timestamp``.
            signature: Header ``X-Slack-Signature``.
            now: Unix time.
        """
        if (
            not signature.isascii()
            or not (timestamp.isascii() and timestamp.isdigit())
            or len(timestamp) > 12
        ):
            return UNSIGNED
        if abs(now - int(timestamp)) > WINDOW_SECONDS or int(timestamp) < self._started_at:
            return STALE
        if not self._signed(body, timestamp, signature, now):
            return FORGED
        self._forget(now)
        if signature in self._seen:
            return REPLAYED
        if len(self._seen) >= _REMEMBERED:
            return BUSY
        self._seen[signature] = int(timestamp) + WINDOW_SECONDS
        return ""

    def _signed(self, body: bytes, timestamp: str, signature: str, now: float) -> bool:
        self._moment.seconds = now
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except UnicodeDecodeError:
            return False

    def _forget(self, now: float) -> None:
        ended = [signature for signature, until in self._seen.items() if until < now]
        for signature in ended:
            del self._seen[signature]
