"""A node's budget under the caps above it (contract §4, rule 7): cuts need no optimiser.

With B the sum of bases, G the cap that was granted and E the effective cap of a domain, every node uses
``base + (grant - base) · f`` where f is the least over its domains of ``clamp((E - B) / (G - B), 0, 1)``.
The sum over a domain's nodes is then at most ``B + (G - B) · f = E``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache

from common.api.domain import PowerDomain
from common.api.frequencies import PowerBudget
from common.api.policy import MODE_OFF
from common.domains.caps import spec_cap_watts

_ZERO = Fraction(0)
_ONE = Fraction(1)


@lru_cache(maxsize=256)
def scale_factor(effective: int, base_sum: int, granted: int) -> Fraction:
    """Returns ``clamp((E - B) / (G - B), 0, 1)``; where ``G ≤ B``, 1 if ``E ≥ B`` and 0 otherwise.

    Args:
        effective: E, the cap that holds now, in watts.
        base_sum: B, the sum of the bases of the domain's nodes, in watts.
        granted: G, the cap that the grants were given under, in watts.
    """
    if granted <= base_sum:
        return _ONE if effective >= base_sum else _ZERO
    return min(max(Fraction(effective - base_sum, granted - base_sum), _ZERO), _ONE)


def domain_factor(domain: PowerDomain) -> Fraction:
    """Returns the factor that one domain demands of its nodes.

    1 for a domain that only advises. E is the lower of the actuator's word and what spec says itself. A
    domain that is to be held but of which the actuator has not said anything gives 0: nobody vouches for
    the grants under it.
    """
    if domain.spec.update_policy.update_mode == MODE_OFF:
        return _ONE
    word = domain.status.enforcement
    if word is None:
        return _ZERO
    own = spec_cap_watts(domain.spec)
    effective = word.effective_cap_watts if own is None else min(word.effective_cap_watts, own)
    return scale_factor(effective, word.base_watts, word.granted_cap_watts)


def node_budget_watts(budget: PowerBudget, chain: Iterable[PowerDomain]) -> int:
    """Returns the watts that a node may use now, rounded down; never under its base.

    Args:
        budget: The grant that the agent obeys.
        chain: The node's domain and everything above it.
    """
    factor = min((domain_factor(domain) for domain in chain), default=_ONE)
    above_base = max(budget.grant_watts - budget.base_watts, 0)
    return budget.base_watts + int(above_base * factor)


def parent_chain(name: str, lookup: Callable[[str], PowerDomain | None]) -> list[PowerDomain] | None:
    """Returns a domain and everything above it; None where the way up is broken or runs in a circle.

    For one who sees single domains, not the whole tree: an agent on its node.
    """
    chain: list[PowerDomain] = []
    seen: set[str] = set()
    while name:
        domain = lookup(name)
        if domain is None or name in seen:
            return None
        seen.add(name)
        chain.append(domain)
        name = domain.spec.parent
    return chain
