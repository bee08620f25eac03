"""What ``climatik status`` says about domains, nodes and policies."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from climatik.status.read import Snapshot
from climatik.status.render import render
from climatik.status.rows import overview, to_plain
from common.api.domain import DomainSpec, DomainStatus, Enforcement, Observed, PowerDomain
from common.api.frequencies import (
    BudgetStatus,
    FrequenciesSpec,
    FrequenciesStatus,
    NodeFrequencies,
    PowerBudget,
)
from common.api.meta import Condition, ObjectMeta, rfc3339
from common.api.policy import CurrentPower, PolicySpec, PolicyStatus, PowerCappingPolicy, Recommendation

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def domain(name, parent="", **status):
    return PowerDomain(
        metadata=ObjectMeta(name=name),
        spec=DomainSpec(parent=parent, cap_watts=9000),
        status=DomainStatus(**status),
    )


def node(sequence, confirmed=None, uid="u1", release=False):
    budget = PowerBudget(
        sequence=sequence, leader_epoch=1, domain="row", base_watts=100, grant_watts=800, reserved_watts=800,
        lease_duration_seconds=600, release=release,
    )  # fmt: skip
    status = FrequenciesStatus()
    if confirmed is not None:
        answer = BudgetStatus(uid=uid, sequence=confirmed, enforced_budget_watts=700)
        status = FrequenciesStatus(power_budget=answer, draw_watts=650, last_updated=rfc3339(NOW))
    return NodeFrequencies(
        metadata=ObjectMeta(name="n1", uid="u1"), spec=FrequenciesSpec(power_budget=budget), status=status
    )


def shown(domains=(), nodes=(), policies=()):
    return overview(Snapshot(list(domains), list(nodes), list(policies), NOW))


def test_domains_stand_under_their_parents():
    rows = shown([domain("rack", "row"), domain("a-row", "all"), domain("row", "all"), domain("all")]).domains
    assert [(row.name, row.depth) for row in rows] == [("all", 0), ("a-row", 1), ("row", 1), ("rack", 2)]


def test_domains_in_a_circle_or_without_their_parent_are_not_lost():
    rows = shown([domain("a", "b"), domain("b", "a"), domain("c", "gone")]).domains
    assert sorted(row.name for row in rows) == ["a", "b", "c"]


def test_domain_shows_the_cap_in_force_and_the_age_of_the_heartbeat():
    enforcement = Enforcement(
        heartbeat_time=rfc3339(NOW - timedelta(seconds=30)), effective_cap_watts=7000, reserved_watts=6500
    )
    row = shown([domain("all", enforcement=enforcement, observed=Observed(power_watts=6000))]).domains[0]
    assert (row.cap_watts, row.reserved_watts, row.draw_watts, row.heartbeat_age_seconds) == (
        7000,
        6500,
        6000,
        30,
    )


def test_domain_that_nobody_enforces_shows_what_its_spec_says():
    row = shown([domain("all")]).domains[0]
    assert (row.cap_watts, row.reserved_watts, row.draw_watts, row.heartbeat_age_seconds) == (
        9000,
        None,
        None,
        None,
    )


def test_troubles_are_conditions_that_say_something_is_wrong():
    conditions = [
        Condition(type="Enforced", status="False", reason="Shortfall"),
        Condition(type="TreeValid", status="True", reason="Fine"),
        Condition(type="BootUnprotected", status="True", reason="NoHostUnit"),
        Condition(type="TelemetryStale", status="False", reason="Fresh"),
    ]
    row = shown([domain("all", conditions=conditions)]).domains[0]
    assert row.troubles == "Enforced: Shortfall, BootUnprotected: NoHostUnit"


STATES = {
    "obeys": node(5, 5),
    "pending": node(5, 4),
    "silent": node(5),
    "releasing": node(5, 5, release=True),
    "no grant": NodeFrequencies(metadata=ObjectMeta(name="n1")),
}


@pytest.mark.parametrize(("state", "subject"), STATES.items(), ids=STATES.keys())
def test_node_state(state, subject):
    assert shown(nodes=[subject]).nodes[0].state == state


def test_confirmation_of_another_object_counts_for_nothing():
    assert shown(nodes=[node(5, 5, uid="of a predecessor")]).nodes[0].state == "silent"


def policy():
    return PowerCappingPolicy(
        metadata=ObjectMeta(name="llm", namespace="ns"),
        spec=PolicySpec(power_cap_limit=1000),
        status=PolicyStatus(
            effective_cap_watts=900,
            current_power=CurrentPower(watts=950),
            recommendation=Recommendation(summary="Lower n1 to 400 W [sic]"),
        ),
    )


def test_tables_for_a_pipe_hold_every_figure_and_no_colour():
    out = io.StringIO()
    render(shown([domain("all")], [node(5, 5)], [policy()]), out)
    text = out.getvalue()
    for part in ("9,000 W", "800 W", "700 W", "650 W", "obeys", "900 W", "950 W", "Lower n1 to 400 W [sic]"):
        assert part in text
    assert "\x1b" not in text


def test_empty_cluster_says_where_to_start():
    out = io.StringIO()
    render(shown(), out)
    assert "No power domains. Start with: kubectl explain powerdomain.spec" in out.getvalue()


def test_json_holds_the_same_rows():
    plain = to_plain(shown(policies=[policy()]))
    assert plain["policies"][0]["advice"] == "Lower n1 to 400 W [sic]"
    assert plain["domains"] == []
