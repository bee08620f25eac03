"""What pods may plan with on a node: its share of the caps above it, which together never exceed them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.api.domain import DomainSpec, DomainStatus, DomainUpdatePolicy, Enforcement, PowerDomain
from common.domains.planning_share import planning_share_watts


def domain(cap, bases, mode="Auto", *, spoken=True):
    word = Enforcement(effective_cap_watts=cap or 0, base_watts=bases) if spoken else None
    return PowerDomain(
        spec=DomainSpec(cap_watts=cap, update_policy=DomainUpdatePolicy(update_mode=mode)),
        status=DomainStatus(enforcement=word),
    )


SHARES = {
    "in proportion to its base": ([domain(9000, 3000)], 3000),
    "the least over the chain": ([domain(9000, 3000), domain(12000, 6000)], 2000),
    "a domain that only advises binds nobody": ([domain(9000, 3000, mode="Off"), domain(12000, 6000)], 2000),
    "a domain without a cap of its own": ([domain(None, 3000), domain(12000, 6000)], 2000),
    "nobody has spoken of it yet": ([domain(9000, 3000, spoken=False)], None),
    "no node of it has a base": ([domain(9000, 0)], None),
    "no domain": ([], None),
}


@pytest.mark.parametrize(("chain", "watts"), SHARES.values(), ids=SHARES)
def test_share_of_a_node_with_a_base_of_a_kilowatt(chain, watts):
    assert planning_share_watts(1000, chain) == watts


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=40), st.integers(1, 200_000))
def test_shares_of_a_domain_never_sum_to_more_than_its_cap(bases, cap):
    chain = [domain(cap, sum(bases))]
    shares = [planning_share_watts(base, chain) for base in bases]
    assert cap - len(bases) <= sum(shares) <= cap
