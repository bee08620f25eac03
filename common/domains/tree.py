"""The tree of power domains: who is whose parent, which node is where, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from common.api.domain import PowerDomain
from common.domains.caps import minimum_cap_watts
from common.domains.cron import CronError, check_schedule
from common.domains.members import assign_nodes

UNKNOWN_PARENT = "UnknownParent"
PARENT_CYCLE = "ParentCycle"
PARENT_BROKEN = "ParentBroken"
NODE_IN_TWO_DOMAINS = "NodeInTwoDomains"
MINIMUM_CAPS_EXCEED_PARENT = "MinimumCapsExceedParent"
NO_CAP = "NoCap"
BAD_SCHEDULE = "BadSchedule"

STRUCTURAL = frozenset({UNKNOWN_PARENT, PARENT_CYCLE, PARENT_BROKEN, NODE_IN_TWO_DOMAINS})
"""Problems that change who is in which domain; the last valid shape outlives them (contract §4, rule 9)."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a domain: a CamelCase reason, and a sentence that names the field and the remedy."""

    reason: str
    message: str


@dataclass(frozen=True)
class DomainTree:
    """The valid part of the tree, and the problems of the rest.

    Attributes:
        domains: Every domain with a sound line of parents, by name.
        parent: Name of the parent of each of them; roots are absent.
        children: Names of the children, sorted; leaves are absent.
        members: Names of the nodes that belong to a domain itself, not to one below it; sorted.
        contested: Nodes that two unrelated domains claim, with the claimants; they belong to none.
        problems: What is wrong, by domain; also for domains that were left out.
    """

    domains: Mapping[str, PowerDomain]
    parent: Mapping[str, str]
    children: Mapping[str, tuple[str, ...]]
    members: Mapping[str, tuple[str, ...]]
    contested: Mapping[str, tuple[str, ...]]
    problems: Mapping[str, list[Problem]]
    _leaf: Mapping[str, str] = field(repr=False)

    def leaf_of(self, node: str) -> str | None:
        """Returns the deepest domain that a node belongs to, or None."""
        return self._leaf.get(node)

    def chain(self, domain: str) -> list[str]:
        """Returns the names from a domain up to its root; empty for one that is not in the tree."""
        names: list[str] = []
        current: str | None = domain if domain in self.domains else None
        while current is not None:
            names.append(current)
            current = self.parent.get(current)
        return names

    def descendants(self, domain: str) -> Iterator[str]:
        """Yields a domain and everything below it, parents before children."""
        yield domain
        for child in self.children.get(domain, ()):
            yield from self.descendants(child)

    def nodes_of(self, domain: str) -> list[str]:
        """Returns the names of all nodes in a domain or below it, sorted."""
        return sorted(node for name in self.descendants(domain) for node in self.members.get(name, ()))

    def roots(self) -> list[str]:
        """Returns the names of the domains without a parent, sorted."""
        return sorted(name for name in self.domains if name not in self.parent)


def build_tree(domains: Iterable[PowerDomain], node_labels: Mapping[str, Mapping[str, str]]) -> DomainTree:
    """Builds the tree from the domains and the labels of the nodes.

    A domain without ``nodeSelector`` has no nodes of its own; an empty selector takes all. A node that a
    domain and one below it both select belongs to the lower one. A node that two unrelated domains select is
    a problem of both and belongs to neither. A domain whose line of parents is broken is left out, and so is
    everything below it; the rest goes on.
    """
    by_name = {domain.name: domain for domain in sorted(domains, key=lambda d: d.name)}
    problems: dict[str, list[Problem]] = {}
    sound = {name: d for name, d in by_name.items() if not _report_lineage(name, by_name, problems)}
    parent = {name: d.spec.parent for name, d in sound.items() if d.spec.parent}
    children = _children(parent)
    assignment = assign_nodes(sound, parent, node_labels)
    for node, claimants in assignment.contested.items():
        for name in claimants:
            _add(problems, name, _contested_problem(node, name, claimants))
    tree = DomainTree(
        sound, parent, children, assignment.members, assignment.contested, problems, assignment.leaf
    )
    for name in sound:
        _report_caps(name, tree, problems)
    return tree


def _report_lineage(
    name: str, domains: Mapping[str, PowerDomain], problems: dict[str, list[Problem]]
) -> bool:
    """Reports what is wrong on the way up from a domain; whether anything is."""
    problem = _lineage_problem(name, domains)
    if problem is not None:
        _add(problems, name, problem)
    return problem is not None


def _lineage_problem(name: str, domains: Mapping[str, PowerDomain]) -> Problem | None:
    seen = [name]
    current = domains[name].spec.parent
    while current:
        if current == name:
            way = " → ".join([*seen, name])
            return Problem(PARENT_CYCLE, f"spec.parent leads back to this domain ({way}): set another parent")
        if current in seen:
            return Problem(PARENT_BROKEN, f"spec.parent leads into the cycle of {current}: mend that first")
        if current not in domains:
            return _missing_parent(seen[-1], current, own=len(seen) == 1)
        seen.append(current)
        current = domains[current].spec.parent
    return None


def _missing_parent(child: str, parent: str, *, own: bool) -> Problem:
    if own:
        text = f"spec.parent names {parent}, which does not exist: create it, or name another parent"
        return Problem(UNKNOWN_PARENT, text)
    return Problem(PARENT_BROKEN, f"{child}, above this domain, names the missing parent {parent}")


def _children(parent: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, above in parent.items():
        found.setdefault(above, []).append(name)
    return {above: tuple(sorted(names)) for above, names in found.items()}


def _contested_problem(node: str, domain: str, claimants: tuple[str, ...]) -> Problem:
    others = ", ".join(name for name in claimants if name != domain)
    text = f"spec.nodeSelector also takes node {node}, which {others} takes: a node has one place in the tree"
    return Problem(NODE_IN_TWO_DOMAINS, text)


def _report_caps(name: str, tree: DomainTree, problems: dict[str, list[Problem]]) -> None:
    spec = tree.domains[name].spec
    for index, schedule in enumerate(spec.cap_schedules):
        try:
            check_schedule(schedule.start, schedule.time_zone)
        except CronError as error:
            text = (
                f"spec.capSchedules[{index}]: {error}; its capWatts holds all the time until this is mended"
            )
            _add(problems, name, Problem(BAD_SCHEDULE, text))
    if all(_capless(tree.domains[above]) for above in tree.chain(name)):
        text = "neither this domain nor one above it has spec.capWatts: without a cap nothing is enforced"
        _add(problems, name, Problem(NO_CAP, text))
    _report_minimum(name, tree, problems)


def _capless(domain: PowerDomain) -> bool:
    return domain.spec.cap_watts is None and not domain.spec.cap_schedules


def _report_minimum(name: str, tree: DomainTree, problems: dict[str, list[Problem]]) -> None:
    own = minimum_cap_watts(tree.domains[name].spec)
    floors = [tree.domains[child].spec.minimum_cap_watts or 0 for child in tree.children.get(name, ())]
    if own is not None and sum(floors) > own:
        text = (
            f"spec.minimumCapWatts allows a cut to {own} W, but the children may only be cut to "
            f"{sum(floors)} W together: raise it, or lower theirs"
        )
        _add(problems, name, Problem(MINIMUM_CAPS_EXCEED_PARENT, text))


def _add(problems: dict[str, list[Problem]], name: str, problem: Problem) -> None:
    problems.setdefault(name, []).append(problem)
