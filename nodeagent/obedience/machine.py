"""From what was seen of the cluster to the budget that holds on this node: the agent's side of the grant."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from common.api.domain import PowerDomain
from common.api.frequencies import NodeFrequencies
from common.domains.budget import domain_factor, node_budget_watts
from nodeagent.obedience import words
from nodeagent.obedience.chain import ChainKeeper
from nodeagent.obedience.heartbeat import Heartbeats, Moment
from nodeagent.obedience.intake import take_in
from nodeagent.obedience.lease import Lease, oldest_heartbeat
from nodeagent.obedience.memory import Memory
from nodeagent.obedience.ramp import Ramp
from nodeagent.obedience.verdict import Claim, Course, Verdict

_STARTED = ""
"""Name under which the heartbeat of the memory is kept: no domain has an empty one."""


class Obedience:
    """Holds the grant that counts and decides what it means now. No clock, no input or output of its own."""

    def __init__(self, memory: Memory | None, *, ramp_seconds: float) -> None:
        self._memory = memory
        self._gone = False
        self._read = False
        self._chains = ChainKeeper()
        self._beats = Heartbeats()
        self._ramp = Ramp(ramp_seconds)

    @property
    def memory(self) -> Memory | None:
        """The grant that counts; to be on disk before any limit is raised for its sake."""
        return self._memory

    def see(self, frequencies: NodeFrequencies | None, *, consistent: bool) -> bool:
        """Takes a look at the node's own object into account; before the first consistent one, only notes it.

        Args:
            frequencies: The object, or None where there is none.
            consistent: Whether it was read from the API server itself.

        Returns:
            Whether a consistent read is needed to go on.
        """
        if not (consistent or self._read):
            return True
        self._read = True
        intake = take_in(self._memory, frequencies, consistent=consistent)
        self._memory, self._gone = intake.memory, intake.gone or (self._gone and intake.read_again)
        return intake.read_again

    def released(self) -> None:
        """The originals are back on every device: from here on nothing is held."""
        if self._memory is not None:
            self._memory = msgspec.structs.replace(self._memory, released=True)

    def enforced(self, boot_id: str) -> None:
        """The devices obey under this boot."""
        if self._memory is not None and self._memory.boot_id != boot_id:
            self._memory = msgspec.structs.replace(self._memory, boot_id=boot_id)

    def decide(
        self,
        domains: Mapping[str, PowerDomain] | None,
        now: Moment,
        boot_id: str,
        nameplate_watts: int = 0,
    ) -> Verdict:
        """Returns what holds at ``now``.

        Args:
            domains: All PowerDomains by name; None before they have been listed.
            now: The present moment.
            boot_id: The present boot.
            nameplate_watts: What the node may draw once it is released; its domain must have booked that.
        """
        memory = self._memory
        if memory is None:
            return words.untouched() if self._read else words.unread()
        if memory.released or (memory.budget.release and memory.budget.reserved_watts >= nameplate_watts):
            return words.release(memory)
        if memory.budget.release:
            return words.unbooked(self._held(memory, domains, now, boot_id), memory, nameplate_watts)
        return self._held(memory, domains, now, boot_id)

    def _held(
        self, memory: Memory, domains: Mapping[str, PowerDomain] | None, now: Moment, boot_id: str
    ) -> Verdict:
        distrust = self._distrust(memory)
        if distrust is not None:
            return self._base(memory, now, *distrust, claim=not self._gone)
        if domains is None or not self._read:
            return self._hold(memory, now, boot_id)
        return self._under_domains(memory, domains, now)

    def _distrust(self, memory: Memory) -> tuple[str, str] | None:
        if self._gone:
            return "ObjectGone", words.OBJECT_GONE
        return None if memory.trusted else ("UntrustedGrant", words.UNTRUSTED)

    def _under_domains(self, memory: Memory, domains: Mapping[str, PowerDomain], now: Moment) -> Verdict:
        chain = self._chains.domains(memory.budget.domain, memory.sequence, domains)
        if chain is None:
            return self._base(memory, now, "DomainUnknown", words.domain_unknown(memory.budget.domain))
        lease = oldest_heartbeat(chain, self._beats, now)
        self._remember_heartbeat(memory, lease)
        left = memory.budget.lease_duration_seconds - lease.age_seconds
        if left <= 0.0:
            return self._base(memory, now, "LeaseOver", words.lease_over(lease))
        return self._obey(memory, chain, now, left)

    def _obey(self, memory: Memory, chain: list[PowerDomain], now: Moment, left_seconds: float) -> Verdict:
        target = memory.within_carried(node_budget_watts(memory.budget, chain))
        watts = self._ramp.limit(target, memory.base_watts, now.monotonic)
        tightest = min(chain, key=domain_factor)
        scale = domain_factor(tightest)
        reason, message = words.obeyed(memory.budget, watts, tightest, ramping=self._ramp.active)
        return Verdict(
            course=Course.OBEY,
            reason=reason,
            message=message,
            budget_watts=watts,
            claim=_claim(memory),
            scale=scale,
            lease_left_seconds=left_seconds,
        )

    def _hold(self, memory: Memory, now: Moment, boot_id: str) -> Verdict:
        """The time between a start and the first read: no raise, and no longer than the lease."""
        if self._beats.age_seconds(_STARTED, now) == math.inf:
            self._beats.seen(_STARTED, memory.heartbeat_time, now)
        left = memory.budget.lease_duration_seconds - self._beats.age_seconds(_STARTED, now)
        if memory.boot_id not in ("", boot_id):
            return self._base(memory, now, "Rebooted", words.REBOOTED, claim=False)
        if left <= 0.0:
            return self._base(memory, now, "LeaseOver", words.HELD_TOO_LONG, claim=False)
        return words.hold(memory, left)

    def _base(self, memory: Memory, now: Moment, reason: str, why: str, *, claim: bool = True) -> Verdict:
        self._ramp.fall(memory.base_watts, now.monotonic)
        return Verdict(
            course=Course.BASE,
            reason=reason,
            message=f"at the base of {memory.base_watts:,} W: {why}",
            budget_watts=memory.base_watts,
            claim=_claim(memory) if claim else None,
            lease_left_seconds=0.0,
        )

    def _remember_heartbeat(self, memory: Memory, lease: Lease) -> None:
        if memory.heartbeat_time != lease.heartbeat_time:
            self._memory = msgspec.structs.replace(memory, heartbeat_time=lease.heartbeat_time)


def _claim(memory: Memory) -> Claim:
    return Claim(memory.uid, memory.sequence, memory.budget.grant_watts)
