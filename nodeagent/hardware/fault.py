"""A device's present fault, and when to try it again."""

from __future__ import annotations

from dataclasses import dataclass

_FIRST_RETRY_SECONDS = 1.0
_LONGEST_RETRY_SECONDS = 30.0


@dataclass(frozen=True)
class Fault:
    """Why a device does not count as obeying.

    Attributes:
        reason: CamelCase name of the failure.
        message: The failure in words.
        on_write: Whether a write failed; then only a write that works ends the fault.
        retry_at: When the next try is due, on the monotonic clock.
        attempts: Tries that failed in a row.
    """

    reason: str
    message: str
    on_write: bool
    retry_at: float
    attempts: int = 1


def next_fault(previous: Fault | None, reason: str, message: str, *, on_write: bool, now: float) -> Fault:
    """Returns the fault after one more failure; tries grow rarer up to 30 s apart."""
    again = previous is not None and previous.on_write == on_write
    attempts = previous.attempts + 1 if again and previous is not None else 1
    pause = min(_FIRST_RETRY_SECONDS * 2.0 ** min(attempts - 1, 10), _LONGEST_RETRY_SECONDS)
    return Fault(reason, message, on_write, now + pause, attempts)
