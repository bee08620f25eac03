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
from common.domains.tree import DomainTree

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
        self._hot: dict[str, str] | None = None
        self._calm_since: dict[str, datetime] = {}

    def look(
        self, domains: Mapping[str, PowerDomain], tainted: Mapping[str, str], now: datetime
    ) -> dict[str, str]:
        """Returns the reason by hot domain.

        Args:
            domains: All of them, by name.
            tainted: Domains all of whose nodes bear the taint, and the reason on it; for the first look.
            now: The present moment.
        """
        before = tainted if self._hot is None else self._hot
        found = {name: self._reason(name, one, before.get(name, ""), now) for name, one in domains.items()}
        self._hot = {name: reason for name, reason in found.items() if reason}
        return self._hot

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


def tainted_domains(tree: DomainTree, nodes: Mapping[str, Node]) -> dict[str, str]:
    """Returns the domains all of whose nodes bear the taint, with its reason."""
    found = {}
    for domain in tree.domains:
        taints = [hot_taint(nodes[name]) for name in tree.nodes_of(domain) if name in nodes]
        written = [taint.value for taint in taints if taint is not None]
        if written and len(written) == len(taints):
            found[domain] = written[0]
    return found


def reasons_of_nodes(tree: DomainTree, hot: Mapping[str, str], nodes: Iterable[str]) -> dict[str, str]:
    """Returns the reason for each node: that of the lowest hot domain that it is in; empty where none is."""
    reasons = {}
    for node in nodes:
        chain = tree.chain(tree.leaf_of(node) or "")
        reasons[node] = next((hot[domain] for domain in chain if domain in hot), "")
    return reasons


def hot_taint(node: Node) -> Taint | None:
    """Returns our taint on a node; None where it bears none."""
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
