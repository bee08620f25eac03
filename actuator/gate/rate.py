"""How many more pods may be stopped: no more than so many in any window, however leaders change.

Counted from the record, where every disruption is noted before it is done. So a leader that dies between note
and deed, and every leader after it, can only do fewer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from actuator.gate.settings import GateSettings
from common.api.decisions import Disruption
from common.api.meta import parse_time

CLUSTER = "rate/cluster"
_DOMAIN = "rate/domain/"
_WORKLOAD = "rate/workload/"


def domain_claim(domain: str) -> str:
    """Returns the name of a domain's count."""
    return f"{_DOMAIN}{domain}"


def workload_claim(workload: str) -> str:
    """Returns the name of a workload's count (``namespace/Kind/name``)."""
    return f"{_WORKLOAD}{workload}"


def claimed(claims: Iterable[str]) -> tuple[str, list[str]]:
    """Returns the workload and the domains whose counts an action uses up."""
    found = list(claims)
    workloads = [one.removeprefix(_WORKLOAD) for one in found if one.startswith(_WORKLOAD)]
    domains = [one.removeprefix(_DOMAIN) for one in found if one.startswith(_DOMAIN)]
    return workloads[0] if workloads else "", domains


def recent(disruptions: Iterable[Disruption], now: datetime, window: timedelta) -> list[Disruption]:
    """Returns the disruptions that still count; one whose time cannot be read counts."""
    return [one for one in disruptions if (at := parse_time(one.at)) is None or now - at < window]


class RateLimits:
    """What is left of each limit at one moment."""

    def __init__(self, disruptions: Sequence[Disruption], now: datetime, settings: GateSettings) -> None:
        self._settings = settings
        self._used: dict[str, int] = {}
        for one in recent(disruptions, now, settings.window):
            for claim in (CLUSTER, workload_claim(one.workload), *map(domain_claim, one.domains)):
                self._used[claim] = self._used.get(claim, 0) + one.count

    def left(self, claim: str) -> int:
        """Returns how many more disruptions a limit allows now."""
        return max(0, self._limit(claim) - self._used.get(claim, 0))

    def _limit(self, claim: str) -> int:
        if claim == CLUSTER:
            return self._settings.cluster_disruptions
        if claim.startswith(_DOMAIN):
            return self._settings.domain_disruptions
        return self._settings.workload_disruptions
