"""What is wrong with a PowerDomain among the others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from admission.validation.guarantees import crowded
from admission.validation.schedules import unreadable
from admission.validation.verdict import Verdict
from common.api.domain import PowerDomain
from common.api.policy import PowerCappingPolicy
from common.domains.caps import minimum_cap_watts
from common.domains.tree import BAD_SCHEDULE, MINIMUM_CAPS_EXCEED_PARENT, PARENT_CYCLE, DomainTree, build_tree

_MOST_NODES = 200
"""Nodes that are looked at for a second claimant: enough to notice, and soon done."""


def check_domain(
    domain: PowerDomain,
    others: Iterable[PowerDomain],
    node_labels: Mapping[str, Mapping[str, str]],
    policies: Iterable[PowerCappingPolicy],
) -> Verdict:
    """Judges a domain as it would be written.

    Refused are a cycle of parents and a schedule that cannot be read. All else has a meaning that holds caps
    (the last valid shape of the tree stays, a cut is never refused), so it is only said.

    Args:
        domain: The new object.
        others: All other domains.
        node_labels: Labels of all nodes, by name.
        policies: All policies.
    """
    everything = [*(each for each in others if each.name != domain.name), domain]
    tree = build_tree(everything, _own_nodes(domain, node_labels))
    found = [each for each in tree.problems.get(domain.name, []) if each.reason != BAD_SCHEDULE]
    schedules = ((each.start, each.time_zone) for each in domain.spec.cap_schedules)
    refusals = [each.message for each in found if each.reason == PARENT_CYCLE]
    refusals += unreadable("spec.capSchedules", schedules)
    warnings = list(dict.fromkeys(each.message for each in found if each.reason != PARENT_CYCLE))
    warnings += _parent_minimum(domain, tree)
    warnings += _under_bases(domain)
    warnings += crowded(everything, policies)
    return Verdict(tuple(refusals), tuple(warnings))


def _own_nodes(
    domain: PowerDomain, node_labels: Mapping[str, Mapping[str, str]]
) -> dict[str, Mapping[str, str]]:
    selector = domain.spec.node_selector
    if selector is None:
        return {}
    mine = (name for name, labels in node_labels.items() if selector.matches(labels))
    return {name: node_labels[name] for _, name in zip(range(_MOST_NODES), mine, strict=False)}


def _parent_minimum(domain: PowerDomain, tree: DomainTree) -> Iterator[str]:
    """The tree reports it at the parent; here it is the child that is being written."""
    parent = tree.parent.get(domain.name)
    reasons = {each.reason for each in tree.problems.get(parent, [])} if parent else set()
    if parent is None or MINIMUM_CAPS_EXCEED_PARENT not in reasons:
        return
    allowed = minimum_cap_watts(tree.domains[parent].spec)
    yield (
        f"spec.minimumCapWatts: with it the domains under {parent} may only be cut to more than the"
        f" {allowed} W that {parent} may be cut to. Lower it, or raise that of {parent}; until then not all"
        " of their nodes are admitted"
    )


def _under_bases(domain: PowerDomain) -> Iterator[str]:
    """A cap under the bases of nodes that hold grants already: it is reached no further than down to them."""
    enforcement, lowest = domain.status.enforcement, minimum_cap_watts(domain.spec)
    if enforcement is None or lowest is None or lowest >= enforcement.base_watts:
        return
    yield (
        f"spec: the domain may now be cut to {lowest} W, but its nodes fall back to bases of"
        f" {enforcement.base_watts} W together: below that the cap is not held. Move nodes or load away"
    )
