"""PowerPlans from a division: one per domain, with the reason for every entry."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from common.algorithms.water_filling import WaterFilling
from common.api.plan import MAX_ENTRIES, PlanEntry, PlanSpec, PlanStatus, PowerPlan
from common.domains.tree import DomainTree
from recommender.logic.division import Division, NodeNeed
from recommender.logic.text import watts

KIND_NODE = "Node"
KIND_DOMAIN = "PowerDomain"


def plan_name(domain: str, shard: int) -> str:
    """Returns the name of a domain's plan, or of its further shards."""
    return f"{domain}-{shard}" if shard else domain


def make_plans(
    tree: DomainTree, division: Division, needs: Mapping[str, NodeNeed]
) -> Iterator[tuple[str, PlanSpec, PlanStatus]]:
    """Yields name, spec and status of every shard of every domain that a cap bounds."""
    for domain in division.snapshot.caps.names:
        cap = _bound(tree, division, domain)
        if cap is None:
            continue
        entries = [
            *_domain_entries(tree, division, domain, needs),
            *_node_entries(tree, division, domain, needs),
        ]
        for shard in range(max(1, -(-len(entries) // MAX_ENTRIES))):
            part = entries[shard * MAX_ENTRIES : (shard + 1) * MAX_ENTRIES]
            status = PlanStatus(cap_watts=cap, algorithm=WaterFilling.description.name, entries=part)
            yield plan_name(domain, shard), PlanSpec(domain=domain, shard=shard), status


def _bound(tree: DomainTree, division: Division, domain: str) -> int | None:
    """Returns a domain's own cap or, without one, what it was given under a cap above it."""
    if domain in division.caps:
        return division.caps[domain]
    bounded = any(name in division.caps for name in tree.chain(domain))
    return division.group_watts[domain] if bounded else None


def _node_entries(
    tree: DomainTree, division: Division, domain: str, needs: Mapping[str, NodeNeed]
) -> Iterator[PlanEntry]:
    for node in tree.members.get(domain, ()):
        if node in division.given:
            need, given = needs[node], division.given[node]
            yield PlanEntry(
                kind=KIND_NODE,
                name=node,
                watts=given,
                draw_watts=need.draw_watts,
                wanted_watts=need.ask_watts,
                reason=_node_reason(tree, division, need, given),
            )


def _domain_entries(
    tree: DomainTree, division: Division, domain: str, needs: Mapping[str, NodeNeed]
) -> Iterator[PlanEntry]:
    for child in tree.children.get(domain, ()):
        below = [needs[node] for node in tree.nodes_of(child) if node in needs]
        asked, given = sum(need.ask_watts for need in below), division.group_watts[child]
        yield PlanEntry(
            kind=KIND_DOMAIN,
            name=child,
            watts=given,
            draw_watts=sum(need.draw_watts for need in below),
            wanted_watts=asked,
            reason=f"its nodes ask {watts(asked)}; they get {watts(given)}",
        )


def _node_reason(tree: DomainTree, division: Division, need: NodeNeed, given: int) -> str:
    if not need.vouched:
        if given < need.floor_watts:
            return f"no agent answers for it, so it counts {watts(need.floor_watts)}, which does not fit"
        return f"no agent answers for it: counted in full at {watts(given)} until one does"
    asks = f"asks {watts(need.ask_watts)}, floor {watts(need.floor_watts)}; gets {watts(given)}"
    if given >= need.ask_watts:
        spare = given - need.ask_watts
        return asks + (f": all it asks and {watts(spare)} to spare" if spare else ": all it asks")
    tightest = _tightest(tree, division, need.domain)
    if given < need.floor_watts:
        return f"{asks}: the floors under {tightest} are more than its cap; raise the cap or drain nodes"
    return f"{asks}: {tightest} is the tightest"


def _tightest(tree: DomainTree, division: Division, domain: str) -> str:
    """Returns the domain above a node that has the least left; the lower one among equals."""
    capped = [name for name in tree.chain(domain) if name in division.caps]
    return min(capped, key=lambda name: division.caps[name] - division.group_watts[name])


def make_empty_shards(
    plans: Iterable[PowerPlan], tree: DomainTree, made: Collection[str]
) -> Iterator[tuple[str, PlanSpec, PlanStatus]]:
    """Yields plans without entries for the shards on record that a division no longer fills."""
    for plan in plans:
        if plan.name not in made and plan.spec.domain in tree.domains:
            yield plan.name, plan.spec, PlanStatus(algorithm=WaterFilling.description.name)
