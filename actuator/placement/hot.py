"""Hot racks: which domains new pods should rather avoid, with hysteresis; the taint itself is the memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from common.api.core import Node, Taint
from common.api.domain import PowerDomain
from common.api.meta import parse_time
from common.api.policy import MODE_AUTO

TAINT_HOT: Final = "climatik.io/hot"
EFFECT: Final = "PreferNoSchedule"
INLET: Final = "inlet"
HEADROOM: Final = "headroom"


@dataclass(frozen=True)
class HotSettings:
    """Frozen settings.

    Attributes:
        cooler_degrees: How far under its limit the hottest inlet has to be before the taint goes.
        headroom_percent: How much of its cap has to be left before the taint goes.
        calm: How long it has to be so.
        fresh: The oldest observation that anything follows from.
    """

    cooler_degrees: int = 2
    headroom_percent: int = 5
    calm: timedelta = timedelta(seconds=120)
    fresh: timedelta = timedelta(seconds=150)


def is_warm(domain: PowerDomain) -> bool:
    """Whether the hottest inlet of a domain is at its limit, whoever enforces it."""
    observed, limit = domain.status.observed, domain.spec.max_inlet_temperature
    inlet = observed.hottest_inlet if observed else None
    return limit is not None and isinstance(inlet, int) and inlet >= limit


class HotDomains:
    """Which domains are hot, from one look to the next. A new leader begins with what the taints say."""

    def __init__(self, settings: HotSettings) -> None:
        self._settings = settings
        self._calm_since: dict[str, datetime] = {}

    def look(
        self, domains: Mapping[str, PowerDomain], hot_before: Mapping[str, str], now: datetime
    ) -> dict[str, str]:
        """Returns the reason by hot domain.

        Args:
            domains: All of them, by name.
            hot_before: Domains with a tainted node, and the reason on the taint.
            now: The present moment.
        """
        hot = {}
        for name, domain in domains.items():
            reason = self._reason(name, domain, hot_before.get(name, ""), now)
            if reason:
                hot[name] = reason
        return hot

    def _reason(self, name: str, domain: PowerDomain, before: str, now: datetime) -> str:
        if domain.metadata.deletion_timestamp or domain.spec.update_policy.update_mode != MODE_AUTO:
            return ""
        observed = domain.status.observed
        at = parse_time(observed.last_updated) if observed else None
        if at is None or now - at > self._settings.fresh:
            return before  # nothing is known: nothing changes
        reason = _over(domain)
        if reason or not before:
            self._calm_since.pop(name, None)
            return reason
        if not self._well_under(domain):
            self._calm_since.pop(name, None)
            return before
        since = self._calm_since.setdefault(name, now)
        return before if now - since < self._settings.calm else ""

    def _well_under(self, domain: PowerDomain) -> bool:
        observed, limit = domain.status.observed, domain.spec.max_inlet_temperature
        if observed is None:
            return False
        inlet = observed.hottest_inlet
        if limit is not None and isinstance(inlet, int) and inlet > limit - self._settings.cooler_degrees:
            return False
        cap = observed.power_watts + observed.headroom_watts
        return 100 * observed.headroom_watts >= self._settings.headroom_percent * cap


def hot_before(nodes: Iterable[Node], domain_of: Mapping[str, str]) -> dict[str, str]:
    """Returns the reason that is written on the nodes of each domain, by the domain."""
    found = {}
    for node in nodes:
        taint = hot_taint(node)
        if taint is not None and domain_of.get(node.name):
            found[domain_of[node.name]] = taint.value or INLET
    return found


def hot_taint(node: Node) -> Taint | None:
    """Returns our taint on a node."""
    return next((taint for taint in node.spec.taints if taint.key == TAINT_HOT), None)


def hot_patch(node: Node, reason: str) -> list[dict[str, Any]] | None:
    """Returns the JSON patch that sets the taint, or takes it away for an empty reason; None if it is right.

    The list of taints is one value to the API server, so the patch holds only for the version that was seen.
    """
    present = hot_taint(node)
    if (present.value if present else "") == reason and (present is None) == (not reason):
        return None
    seen = {"op": "test", "path": "/metadata/resourceVersion", "value": node.metadata.resource_version}
    taint = {"key": TAINT_HOT, "value": reason, "effect": EFFECT}
    if present is not None:
        path = f"/spec/taints/{node.spec.taints.index(present)}"
        change = {"op": "replace", "path": path, "value": taint} if reason else {"op": "remove", "path": path}
        return [seen, change]
    if node.spec.taints:
        return [seen, {"op": "add", "path": "/spec/taints/-", "value": taint}]
    return [seen, {"op": "add", "path": "/spec/taints", "value": [taint]}]


def _over(domain: PowerDomain) -> str:
    observed = domain.status.observed
    if observed is None:
        return ""
    limit, inlet = domain.spec.max_inlet_temperature, observed.hottest_inlet
    if limit is not None and isinstance(inlet, int) and inlet > limit:
        return INLET
    return HEADROOM if observed.power_watts > 0 and observed.headroom_watts <= 0 else ""
