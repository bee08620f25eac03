"""Racks that new pods had better not go to, told from what their PowerDomains report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec import UNSET

from common.api.domain import Observed, PowerDomain
from common.api.meta import find_condition, parse_time
from common.api.policy import MODE_AUTO
from common.api.selector import LabelSelector, Requirement
from common.clock import Clock

_KEPT_SECONDS: Final = 1.0
"""Thousands of pods may come in a second: the picture is not made anew for each."""

_OPPOSITE: Final[Mapping[str, str]] = {
    "In": "NotIn", "NotIn": "In", "Exists": "DoesNotExist", "DoesNotExist": "Exists",
}  # fmt: skip


@dataclass(frozen=True)
class Rack:
    """A domain without domains below it, as far as placement is concerned.

    Attributes:
        name: Of the PowerDomain.
        elsewhere: The expression that every node fulfils which is not in the rack.
        headroom_watts: The least that it or a domain above it has left; None where nobody knows.
        inlet: Its hottest inlet in degrees Celsius; None where nobody knows.
        inlet_limit: The lowest limit that it or a domain above it has.
        held: False where a cap that should hold does not.
    """

    name: str
    elsewhere: Requirement
    headroom_watts: int | None = None
    inlet: int | None = None
    inlet_limit: int | None = None
    held: bool = True


class RackIndex:
    """Follows the PowerDomains, and knows the racks of those with fresh observations."""

    def __init__(self, clock: Clock, fresh_seconds: float) -> None:
        self._clock = clock
        self._fresh_seconds = fresh_seconds
        self._domains: dict[str, PowerDomain] = {}
        self._racks: tuple[Rack, ...] = ()
        self._until = float("-inf")

    def change(self, old: PowerDomain | None, new: PowerDomain | None) -> None:
        """Takes in a change as informers report it."""
        if new is not None:
            self._domains[new.name] = new
        elif old is not None:
            self._domains.pop(old.name, None)

    def racks(self) -> tuple[Rack, ...]:
        """Returns the racks as they were at most a second ago."""
        now = self._clock.monotonic()
        if now >= self._until:
            self._until = now + _KEPT_SECONDS
            self._racks = tuple(racks_of(self._domains, self._clock.now(), self._fresh_seconds))
        return self._racks


def racks_of(domains: Mapping[str, PowerDomain], now: datetime, fresh_seconds: float) -> Iterator[Rack]:
    """Yields the racks: domains without children whose nodes a single expression tells from all others.

    Where a selector needs several expressions, no node affinity can say "anywhere but there", and the
    rack is left out. So are observations that are older than ``fresh_seconds``, or stale by their own word.
    """
    parents = {domain.spec.parent for domain in domains.values()}
    for domain in domains.values():
        elsewhere = _elsewhere(domain.spec.node_selector)
        if elsewhere is None or domain.name in parents or domain.metadata.deletion_timestamp:
            continue
        chain = _chain(domain, domains)
        facts = [(each, _fresh(each, now, fresh_seconds)) for each in chain]
        own = facts[0][1]
        limits = [each.spec.max_inlet_temperature for each in chain]
        yield Rack(
            name=domain.name,
            elsewhere=elsewhere,
            headroom_watts=min(
                (seen.headroom_watts for each, seen in facts if seen and _capped(each)), default=None
            ),
            inlet=own.hottest_inlet if own and own.hottest_inlet is not UNSET else None,
            inlet_limit=min((limit for limit in limits if limit is not None), default=None),
            held=all(_held(each) for each in chain),
        )


def _elsewhere(selector: LabelSelector | None) -> Requirement | None:
    if selector is None:
        return None
    parts = [
        Requirement(key=key, operator="In", values=[value]) for key, value in selector.match_labels.items()
    ]
    parts += selector.match_expressions
    if len(parts) != 1 or parts[0].operator not in _OPPOSITE:
        return None
    only = parts[0]
    return Requirement(key=only.key, operator=_OPPOSITE[only.operator], values=sorted(only.values))


def _chain(domain: PowerDomain, domains: Mapping[str, PowerDomain]) -> list[PowerDomain]:
    """The domain and those above it, as far as they are known; a cycle ends where it began."""
    chain, names = [domain], {domain.name}
    while (parent := domains.get(chain[-1].spec.parent)) is not None and parent.name not in names:
        chain.append(parent)
        names.add(parent.name)
    return chain


def _fresh(domain: PowerDomain, now: datetime, fresh_seconds: float) -> Observed | None:
    seen = domain.status.observed
    moment = parse_time(seen.last_updated) if seen else None
    stale = find_condition(domain.status.conditions, "TelemetryStale")
    if moment is None or (now - moment).total_seconds() > fresh_seconds or (stale and stale.status == "True"):
        return None
    return seen


def _capped(domain: PowerDomain) -> bool:
    """Whether the domain has a cap: without one its headroom of zero means nothing."""
    enforcement = domain.status.enforcement
    return domain.spec.cap_watts is not None or bool(enforcement and enforcement.effective_cap_watts)


def _held(domain: PowerDomain) -> bool:
    enforced = find_condition(domain.status.conditions, "Enforced")
    refused = enforced is not None and (enforced.status, enforced.reason) == ("False", "OverBooked")
    return not (refused and domain.spec.update_policy.update_mode == MODE_AUTO)
