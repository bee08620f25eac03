"""One picture of the cluster, turned into what the ledger sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from actuator.gate.mode import domain_refusal, is_paused
from actuator.input.versions import version_number
from actuator.ledger.views import DomainView, FrequenciesView, Identity, LedgerView, NodeView
from common.api.core import Node
from common.api.domain import PowerDomain
from common.api.frequencies import NodeFrequencies
from common.api.meta import parse_time
from common.api.names import LABEL_BOOT_PROTECTED
from common.api.plan import PowerPlan
from common.api.policy import MODE_AUTO, PowerCappingPolicy
from common.domains.caps import effective_cap_watts, minimum_cap_watts
from common.domains.tree import DomainTree, Problem

LABEL_NAMEPLATE = "climatik.io/nameplate-watts"
"""On a Node: the most that it can draw, for as long as no agent has said."""
ANNOTATION_FORMER_DOMAIN = "climatik.io/former-domain"
"""On a NodeFrequencies: where the node was before the budget that its agent has yet to confirm (rule 9)."""
ANNOTATION_PLACE = "climatik.io/place"
"""On a NodeFrequencies: the domain that the node's labels put it into; they are gone with the Node object."""
ANNOTATION_RESTORED_AT = "climatik.io/restored-at"
"""On any PowerDomain: when the store was set back to an earlier state. Nothing confirmed before counts."""
ANNOTATION_POWERED_OFF = "climatik.io/powered-off"
"""Set to "true" on a NodeFrequencies: a person's word that the machine is off: frees its watts (rule 5)."""

_NO_TIME = "is no time: write one like 2026-01-31T08:00:00Z; until then old confirmations are believed"
_GPU_RESOURCES = ("nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915", "gpu.intel.com/xe")


@dataclass(frozen=True)
class Assumptions:
    """Nameplates in watts for nodes of which nothing is known."""

    gpu_node_watts: int
    cpu_node_watts: int


@dataclass(frozen=True)
class Picture:
    """Everything that was seen, by name; ``objects`` holds all NodeFrequencies, requests included."""

    nodes: Mapping[str, Node]
    objects: Mapping[str, NodeFrequencies]
    domains: Mapping[str, PowerDomain]
    plans: tuple[PowerPlan, ...]
    policies: tuple[PowerCappingPolicy, ...]
    tree: DomainTree
    paused_namespaces: frozenset[str] = frozenset()

    def targets(self) -> dict[str, int]:
        """Returns the watts that the plans ask for, by node; a node heeds the plan of its own domain only."""
        return {
            entry.name: entry.watts
            for plan in self.plans
            for entry in plan.status.entries
            if entry.kind == "Node" and self.tree.leaf_of(entry.name) == plan.spec.domain
        }

    def problems(self, domain: str) -> list[Problem]:
        """Returns what is wrong with a domain: its place in the tree, and what people noted on it."""
        found = list(self.tree.problems.get(domain, ()))
        noted = self.domains[domain].metadata.annotations.get(ANNOTATION_RESTORED_AT)
        if noted is not None and parse_time(noted) is None:
            found.append(
                Problem("BadRestoredAt", f"annotation {ANNOTATION_RESTORED_AT}: {noted!r} {_NO_TIME}")
            )
        return found


def ledger_view(picture: Picture, assumptions: Assumptions, epoch: int, now: datetime) -> LedgerView:
    """Builds what the ledger sees."""
    domains = {name: _domain_view(picture, domain, now) for name, domain in picture.domains.items()}
    own = {name: item for name, item in picture.objects.items() if item.spec.node_name in ("", name)}
    names = sorted({*picture.nodes, *own})
    floor = sequence_floor(picture.domains.values())
    nodes = {name: _node_view(picture, name, own.get(name), assumptions) for name in names}
    if floor:
        nodes = {name: replace(node, sequence_floor=floor) for name, node in nodes.items()}
    return LedgerView(nodes, domains, epoch)


def sequence_floor(domains: Iterable[PowerDomain]) -> int:
    """Returns the least sequence that was given since the store was last set back; 0 where it never was.

    It is that moment in microseconds since 1970: more than all budgets that were written before, less than
    2⁵³. A store is set back as a whole, so a word on any domain counts for all. One that is no time counts
    for nothing; ``Picture.problems`` says so.
    """
    moments = (parse_time(domain.metadata.annotations.get(ANNOTATION_RESTORED_AT, "")) for domain in domains)
    return max((int(moment.timestamp()) * 1_000_000 for moment in moments if moment is not None), default=0)


def _domain_view(picture: Picture, domain: PowerDomain, now: datetime) -> DomainView:
    chain = tuple(picture.tree.chain(domain.name)) or _raw_chain(picture.domains, domain.name)
    levels = [picture.domains[name] for name in chain]
    levels = [level for level in levels if level.spec.update_policy.update_mode == MODE_AUTO]
    found = (effective_cap_watts(level.spec, now, level.status.observed) for level in levels)
    caps = [cap for cap in found if cap is not None]
    minimums = [watts for level in levels if (watts := minimum_cap_watts(level.spec)) is not None]
    return DomainView(
        name=domain.name,
        uid=domain.metadata.uid,
        version=version_number(domain.metadata.resource_version),
        chain=chain,
        enforced=domain_refusal(domain, min(caps, default=None)) is None,
        cap_watts=min(caps, default=0),
        minimum_watts=min(minimums, default=0),
        shares_minimum=domain.spec.minimum_cap_watts is not None,
        paused=is_paused(domain),
        lease_seconds=domain.spec.lease_duration_seconds,
        published=domain.status.enforcement,
    )


def _raw_chain(domains: Mapping[str, PowerDomain], name: str) -> tuple[str, ...]:
    """Returns the way up of a domain that the tree leaves out, as far as it goes."""
    chain: list[str] = []
    while name in domains and name not in chain:
        chain.append(name)
        name = domains[name].spec.parent
    return tuple(chain)


def _node_view(picture: Picture, name: str, item: NodeFrequencies | None, assumed: Assumptions) -> NodeView:
    node = picture.nodes.get(name)
    identity = Identity(node.metadata.uid, node.status.node_info.boot_id) if node else None
    leaf = picture.tree.leaf_of(name) or ""
    return NodeView(
        name=name,
        identity=identity,
        assumed_nameplate_watts=_nameplate(node, assumed),
        domain=leaf,
        claims=() if leaf else _claims(picture, name, item),
        frequencies=_frequencies_view(item) if item is not None else None,
        boot_protected=node is not None and node.metadata.labels.get(LABEL_BOOT_PROTECTED) == "true",
    )


def _claims(picture: Picture, name: str, item: NodeFrequencies | None) -> tuple[str, ...]:
    """Returns the domains that hold a node which the tree cannot place: contested, or in a broken part."""
    contested = picture.tree.contested.get(name)
    if contested:
        return contested
    booked = item.spec.power_budget.domain if item and item.spec.power_budget else ""
    broken = booked in picture.domains and booked not in picture.tree.domains
    deleting = broken and bool(picture.domains[booked].metadata.deletion_timestamp)
    return (booked,) if broken and not deleting else ()


def _nameplate(node: Node | None, assumed: Assumptions) -> int:
    if node is None:
        return assumed.gpu_node_watts
    label = node.metadata.labels.get(LABEL_NAMEPLATE, "")
    if label.isdecimal() and int(label) > 0:
        return int(label)
    has_gpus = any(node.status.capacity.get(name, "0") != "0" for name in _GPU_RESOURCES)
    return assumed.gpu_node_watts if has_gpus else assumed.cpu_node_watts


def _frequencies_view(item: NodeFrequencies) -> FrequenciesView:
    annotations = item.metadata.annotations
    return FrequenciesView(
        uid=item.metadata.uid,
        version=version_number(item.metadata.resource_version),
        budget=item.spec.power_budget,
        status=item.status.power_budget,
        protocol_version=item.status.protocol_version,
        former_domain=annotations.get(ANNOTATION_FORMER_DOMAIN, ""),
        place=annotations.get(ANNOTATION_PLACE, ""),
        deleting=bool(item.metadata.deletion_timestamp),
        powered_off=annotations.get(ANNOTATION_POWERED_OFF) == "true",
    )
