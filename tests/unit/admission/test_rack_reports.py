"""Which racks placement knows of, and what it takes from the reports of their domains."""

from datetime import timedelta

import pytest

from admission.racks import RackIndex, racks_of
from common.api.domain import DomainSpec, DomainStatus, DomainUpdatePolicy, Enforcement, Observed, PowerDomain
from common.api.meta import Condition, ObjectMeta, rfc3339
from common.api.selector import LabelSelector, Requirement
from tests.fakes.clock import FakeClock

CLOCK = FakeClock()
NOW = CLOCK.now()


def domain(name, parent="", headroom=500, age=0, conditions=(), **spec):
    seen = Observed(headroom_watts=headroom, last_updated=rfc3339(NOW - timedelta(seconds=age)))
    status = spec.pop("status", None) or DomainStatus(observed=seen, conditions=list(conditions))
    spec = {"cap_watts": 1000, "node_selector": LabelSelector(match_labels={"rack": name})} | spec
    return PowerDomain(
        metadata=ObjectMeta(name=name),
        spec=DomainSpec(parent=parent, **spec),
        status=status,
    )


def racks(*domains):
    return {rack.name: rack for rack in racks_of({one.name: one for one in domains}, NOW, 150)}


SELECTORS = {
    "one label": (LabelSelector(match_labels={"rack": "a"}), ("NotIn", ["a"])),
    "In": ([Requirement(key="rack", operator="In", values=["b", "a"])], ("NotIn", ["a", "b"])),
    "NotIn": ([Requirement(key="rack", operator="NotIn", values=["a"])], ("In", ["a"])),
    "Exists": ([Requirement(key="rack", operator="Exists")], ("DoesNotExist", [])),
    "DoesNotExist": ([Requirement(key="rack", operator="DoesNotExist")], ("Exists", [])),
}


@pytest.mark.parametrize(("selector", "expected"), SELECTORS.values(), ids=SELECTORS.keys())
def test_selector_of_one_expression_is_turned_round(selector, expected):
    chosen = selector if isinstance(selector, LabelSelector) else LabelSelector(match_expressions=selector)
    elsewhere = racks(domain("a", node_selector=chosen))["a"].elsewhere
    assert (elsewhere.key, elsewhere.operator, elsewhere.values) == ("rack", *expected)
    for labels in ({}, {"rack": "a"}, {"rack": "b"}, {"rack": "c"}, {"zone": "a"}):
        assert elsewhere.matches(labels) != chosen.matches(labels)


LEFT_OUT = {
    "selector of two labels": domain(
        "a", node_selector=LabelSelector(match_labels={"rack": "a", "zone": "1"})
    ),
    "selector of everything": domain("a", node_selector=LabelSelector()),
    "no selector": domain("a", node_selector=None),
}


@pytest.mark.parametrize("one", LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_rack_that_no_single_expression_tells_apart_is_left_out(one):
    assert racks(one) == {}


def test_domain_with_others_below_it_is_no_rack_but_its_watts_and_limits_count():
    row = domain("row", headroom=20, max_inlet_temperature=25)
    cool = domain("row-2", headroom=900)
    found = racks(row, cool, domain("a", "row", max_inlet_temperature=27), domain("b", "row-2"))
    assert {name: (one.headroom_watts, one.inlet_limit) for name, one in found.items()} == {
        "a": (20, 25),
        "b": (500, None),
    }


def test_headroom_of_a_domain_without_a_cap_means_nothing():
    assert racks(domain("a", headroom=0, cap_watts=None))["a"].headroom_watts is None
    scheduled = DomainStatus(
        observed=Observed(headroom_watts=7, last_updated=rfc3339(NOW)),
        enforcement=Enforcement(effective_cap_watts=900),
    )
    assert racks(domain("a", cap_watts=None, status=scheduled))["a"].headroom_watts == 7


def test_old_and_stale_reports_are_not_believed():
    stale = Condition(type="TelemetryStale", status="True", reason="x")
    fine = Condition(type="TelemetryStale", status="False", reason="x")
    found = racks(
        domain("old", age=151), domain("young", age=149), domain("stale", conditions=[stale]),
        domain("fine", conditions=[fine]), domain("silent", status=DomainStatus()),
    )  # fmt: skip
    assert [name for name, one in found.items() if one.headroom_watts is not None] == ["young", "fine"]


def test_cap_that_does_not_hold_counts_in_mode_auto_alone():
    broken = Condition(type="Enforced", status="False", reason="OverBooked")
    off = Condition(type="Enforced", status="False", reason="NotEnforced")
    auto = DomainUpdatePolicy(update_mode="Auto")
    found = racks(
        domain("a", conditions=[broken], update_policy=auto), domain("b", conditions=[broken]),
        domain("c", conditions=[off], update_policy=auto), domain("d", "a"),
    )  # fmt: skip
    assert {name: one.held for name, one in found.items()} == {"b": True, "c": True, "d": False}


def test_cycle_of_parents_ends():
    found = racks(domain("a", "b"), domain("b", "a"), domain("c", "a"), domain("d", "unknown"))
    assert set(found) == {"c", "d"}


def test_changes_are_followed_within_a_second():
    clock = FakeClock()
    index = RackIndex(clock, 150)
    one = domain("a")
    index.change(None, one)
    assert [each.name for each in index.racks()] == ["a"]
    index.change(one, None)
    assert [each.name for each in index.racks()] == ["a"]
    clock.advance(1)
    assert index.racks() == ()


def test_report_ages_while_nothing_changes():
    clock = FakeClock()
    index = RackIndex(clock, 150)
    index.change(None, domain("a"))
    assert index.racks()[0].headroom_watts == 500
    clock.advance(151)
    assert index.racks()[0].headroom_watts is None
