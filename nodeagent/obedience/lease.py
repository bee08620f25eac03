"""Whether the actuator still vouches for a grant: the oldest heartbeat along the chain (rule 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.api.domain import PowerDomain
from common.api.policy import MODE_OFF
from nodeagent.obedience.heartbeat import Heartbeats, Moment


@dataclass(frozen=True)
class Lease:
    """The domain whose heartbeat is oldest, that heartbeat, and its age."""

    domain: str
    heartbeat_time: str
    age_seconds: float


def oldest_heartbeat(chain: Sequence[PowerDomain], beats: Heartbeats, now: Moment) -> Lease:
    """Returns the oldest heartbeat of the domains that are enforced.

    A domain that only advises has no heartbeat; where all of them do, somebody must still vouch for the
    grant, so then the grant's own domain counts.

    Args:
        chain: The domains that bind the grant, leaf first; at least one.
        beats: What is known of their heartbeats; updated with what the chain says.
        now: The present moment.
    """
    enforced = [d for d in chain if d.spec.update_policy.update_mode != MODE_OFF] or [chain[0]]
    leases = [_lease(domain, beats, now) for domain in enforced]
    return max(leases, key=lambda lease: lease.age_seconds)


def _lease(domain: PowerDomain, beats: Heartbeats, now: Moment) -> Lease:
    word = domain.status.enforcement
    text = word.heartbeat_time if word is not None else ""
    beats.seen(domain.name, text, now)
    return Lease(domain.name, text, beats.age_seconds(domain.name, now))
