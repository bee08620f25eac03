"""Whether the watchdog must act: the agent is silent, and nobody vouches for the grant any more. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from nodeagent.state.pulse import Pulse
from nodeagent.watchdog.holding import Holding


@dataclass(frozen=True)
class Now:
    """The present moment, and when the watchdog began to look; both in seconds since boot."""

    boot_id: str
    seconds: float
    watching_since: float


def why_lower(holding: Holding | None, pulse: Pulse | None, now: Now, *, silence_seconds: float) -> str:
    """Returns why the devices must go to base now, in plain words; empty while they must not.

    Args:
        holding: What the node is held to.
        pulse: The agent's last sign of life.
        now: The present moment.
        silence_seconds: A sign of life that is older means that the agent is gone or hangs.
    """
    if holding is None:
        return ""
    watched = now.seconds - now.watching_since
    if pulse is None:
        if watched < max(holding.lease_seconds, silence_seconds):
            return ""
        return f"the agent has given no sign of life for a whole lease of {holding.lease_seconds} s"
    if pulse.boot_id != now.boot_id:
        return "the node was rebooted and no agent came" if watched >= silence_seconds else ""
    silent = now.seconds - pulse.at
    if silent < silence_seconds or now.seconds < pulse.lease_ends:
        return ""
    return f"the agent has been silent for {silent:.0f} s and the lease of its grant is over"
