"""One plan for the services of many policies, under the caps of policies and power domains. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from recommender.planner.plan import CapTooLowError, Groups, Row, make_plan
from recommender.planner.service_state import ServiceKey, ServiceState, Weights

Rows = dict[ServiceKey, Row]


@dataclass(frozen=True)
class Member:
    """A service and the caps over it.

    Attributes:
        service: Its state.
        policy: Key of the policy that caps it.
        domains: Power domains with a cap that all its pods are in, the outermost first.
    """

    service: ServiceState
    policy: str
    domains: tuple[str, ...] = ()


@dataclass(frozen=True)
class Caps:
    """What the services of policies and of domains may draw together, in watts."""

    policies: Mapping[str, float]
    domains: Mapping[str, float]


def plan_fleet(members: Sequence[Member], caps: Caps, weights: Weights) -> Rows:
    """Plans all services so that no cap of a policy or of a domain is exceeded by their sum.

    The outermost caps decide first. Where the plan then exceeds a domain inside, that domain is planned anew
    under its own cap, no policy getting more there than it had, and what that frees goes to the others.

    Args:
        members: Each service once.
        caps: Of all policies named; a domain that is not in there has none.
        weights: Of watts, money, carbon and changes.

    Returns:
        Rows by service; a service whose minimum found no watts has a row without an option, and none of a
        policy under which nothing fits.
    """
    return _plan(list(members), math.inf, dict(caps.policies), _Nest(caps.domains, weights, 0))


@dataclass(frozen=True)
class _Nest:
    """Where in the tree of domains a plan is made."""

    domain_watts: Mapping[str, float]
    weights: Weights
    level: int

    def inside(self) -> _Nest:
        return _Nest(self.domain_watts, self.weights, self.level + 1)


def _plan(members: list[Member], cap_watts: float, policy_watts: Mapping[str, float], nest: _Nest) -> Rows:
    rows = _solve(members, cap_watts, policy_watts, nest.weights)
    fixed: Rows = {}
    for domain, inside in _by_domain(members, nest.level).items():
        room = nest.domain_watts.get(domain, math.inf)
        own = [one for one in inside if one.service.key in rows]
        if _watts(own, rows) > room:
            fixed |= _within(own, rows, room, nest.inside())
        elif _broken(own, rows, nest.inside()):
            fixed |= _plan(own, _watts(own, rows), _policy_sums(own, rows), nest.inside())
    rest = [one for one in members if one.service.key not in fixed]
    if not fixed or not rest:
        return rows | fixed
    done = [one for one in members if one.service.key in fixed]
    spent = _policy_sums(done, fixed)
    left = {policy: watts - spent.get(policy, 0.0) for policy, watts in policy_watts.items()}
    return fixed | _plan(rest, cap_watts - _watts(done, fixed), left, nest)


def _within(inside: list[Member], rows: Rows, room: float, nest: _Nest) -> Rows:
    """Plans a domain under its own cap; who finds no watts there keeps a row without an option."""
    planned = _plan(inside, room, _policy_sums(inside, rows), nest)
    none = {one.service.key: Row(one.service, None, "its power domain leaves no watts") for one in inside}
    return none | planned


def _solve(
    members: Sequence[Member], cap_watts: float, policy_watts: Mapping[str, float], weights: Weights
) -> Rows:
    policies = sorted({one.policy for one in members})
    index = {policy: number for number, policy in enumerate(policies)}
    groups = Groups([index[one.policy] for one in members], [policy_watts[policy] for policy in policies])
    try:
        plan = make_plan([one.service for one in members], cap_watts, weights, groups=groups)
    except CapTooLowError:
        return {}
    return {row.service.key: row for row in plan.rows}


def _broken(members: Sequence[Member], rows: Rows, nest: _Nest) -> bool:
    """Whether any domain from this level on inwards is exceeded."""
    return any(
        _watts(inside, rows) > nest.domain_watts.get(domain, math.inf) or _broken(inside, rows, nest.inside())
        for domain, inside in _by_domain(members, nest.level).items()
    )


def _by_domain(members: Iterable[Member], level: int) -> dict[str, list[Member]]:
    found: dict[str, list[Member]] = defaultdict(list)
    for one in members:
        if len(one.domains) > level:
            found[one.domains[level]].append(one)
    return found


def _watts(members: Iterable[Member], rows: Rows) -> float:
    return sum(_row_watts(one, rows) for one in members)


def _policy_sums(members: Iterable[Member], rows: Rows) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for one in members:
        found[one.policy] += _row_watts(one, rows)
    return dict(found)


def _row_watts(member: Member, rows: Rows) -> float:
    row = rows.get(member.service.key)
    return row.option.watts if row and row.option else 0.0
