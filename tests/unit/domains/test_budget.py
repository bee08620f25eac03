"""Rule 7: cuts need no optimiser, and the sum of the budgets is at most the cap."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.api.domain import DomainSpec, DomainStatus, DomainUpdatePolicy, Enforcement, PowerDomain
from common.api.frequencies import PowerBudget
from common.api.meta import ObjectMeta
from common.domains.budget import node_budget_watts, parent_chain, scale_factor

FACTORS = [
    ("nothing was cut", (1000, 400, 1000), 1),
    ("half of what is above the bases", (700, 400, 1000), Fraction(1, 2)),
    ("cut to the bases", (400, 400, 1000), 0),
    ("cut below the bases", (300, 400, 1000), 0),
    ("cap above what was granted", (1500, 400, 1000), 1),
    ("nothing above the bases, they fit", (400, 400, 400), 1),
    ("nothing above the bases, they do not fit", (399, 400, 400), 0),
    ("granted under the bases", (1000, 400, 300), 1),
]


@pytest.mark.parametrize(("name", "inputs", "factor"), FACTORS, ids=[case[0] for case in FACTORS])
def test_the_factor(name: str, inputs: tuple[int, int, int], factor: Fraction) -> None:
    assert scale_factor(*inputs) == factor


def budget(base: int, grant: int) -> PowerBudget:
    return PowerBudget(
        sequence=1,
        leader_epoch=1,
        domain="row",
        base_watts=base,
        grant_watts=grant,
        reserved_watts=grant,
        lease_duration_seconds=600,
    )


def domain(effective: int, base: int, granted: int, mode: str = "Auto", **spec: object) -> PowerDomain:
    word = Enforcement(effective_cap_watts=effective, base_watts=base, granted_cap_watts=granted)
    full = DomainSpec(update_policy=DomainUpdatePolicy(update_mode=mode), **spec)
    return PowerDomain(metadata=ObjectMeta(name="row"), spec=full, status=DomainStatus(enforcement=word))


def test_the_tightest_domain_of_the_chain_decides() -> None:
    chain = [domain(1000, 0, 1000), domain(500, 0, 1000), domain(800, 0, 1000)]
    assert node_budget_watts(budget(100, 301), chain) == 200


def test_spec_is_obeyed_before_the_actuator_has_said_so() -> None:
    assert (
        node_budget_watts(budget(0, 1000), [domain(1000, 0, 1000, cap_watts=1000, brake_percent=40)]) == 600
    )


def test_a_domain_that_only_advises_takes_nothing_away() -> None:
    assert node_budget_watts(budget(0, 1000), [domain(1, 0, 1000, mode="Off")]) == 1000


def test_a_domain_without_a_word_of_the_actuator_leaves_the_base() -> None:
    silent = PowerDomain(spec=DomainSpec(update_policy=DomainUpdatePolicy(update_mode="Auto"), cap_watts=9))
    assert node_budget_watts(budget(100, 1000), [silent]) == 100


def test_a_chain_that_runs_in_a_circle_is_no_chain() -> None:
    loop = PowerDomain(metadata=ObjectMeta(name="a"), spec=DomainSpec(parent="a"))
    assert parent_chain("a", {"a": loop}.get) is None
    assert parent_chain("missing", {}.get) is None


nodes = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 1500)), min_size=1, max_size=8)


@given(nodes=nodes, slack=st.integers(0, 500), cap=st.integers(0, 10_000))
def test_budgets_fit_under_any_cap_above_the_bases(nodes: list, slack: int, cap: int) -> None:
    grants = [(base, base + above) for base, above in nodes]
    bases = sum(base for base, _ in grants)
    granted = sum(grant for _, grant in grants) + slack
    row = domain(cap, bases, granted)
    total = sum(node_budget_watts(budget(base, grant), [row]) for base, grant in grants)
    assert total <= max(cap, bases)
