"""Guarantees that no cap can keep: more watts are promised than may be drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from common.api.domain import PowerDomain
from common.api.policy import PowerCappingPolicy
from common.domains.caps import minimum_cap_watts


def crowded(domains: Iterable[PowerDomain], policies: Iterable[PowerCappingPolicy]) -> Iterator[str]:
    """Yields a sentence where all guarantees together exceed what all roots of the tree may be cut to.

    Which policy's pods are in which domain is not known before they run (the recommender says it then), so
    this holds wherever they are. Without a cap on every root there is no bound.
    """
    roots = [domain for domain in domains if not domain.spec.parent]
    caps = [minimum_cap_watts(domain.spec) for domain in roots]
    known = [cap for cap in caps if cap is not None]
    if not roots or len(known) < len(roots):
        return
    promised = sum(policy.spec.guaranteed_watts or 0 for policy in policies)
    if promised > sum(known):
        yield (
            f"spec.guaranteedWatts of all policies together is {promised} W, more than the {sum(known)} W"
            f" that {', '.join(sorted(domain.name for domain in roots)[:4])} may be cut to: not all of it can"
            " be kept. Lower guarantees, or raise minimumCapWatts"
        )
