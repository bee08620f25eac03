"""What ``climatik status`` says about domains, nodes and policies."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from climatik.status.read import Snapshot
from climatik.status.render import render
from climatik.status.rows import overview, to_plain
from common.api.domain import (
    DomainSpec,
    DomainStatus,
    DomainUpdatePolicy,
    Enforcement,
    Observed,
    PowerDomain,
)
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


def domain(name, parent="", mode="Off", **status):
    return PowerDomain(
        metadata=ObjectMeta(name=name),
        spec=DomainSpec(parent=parent, cap_watts=9000, update_policy=DomainUpdatePolicy(update_mode=mode)),
        status=DomainStatus(**status),
    )


def node(sequence, confirmed=None, uid="u1", release=False, seconds_ago=0, **condition):
    budget = PowerBudget(
        sequence=sequence, leader_epoch=1, domain="row", base_watts=100, grant_watts=800, reserved_watts=800,
        lease_duration_seconds=600, release=release,
    )  # fmt: skip
    status = FrequenciesStatus()
    if confirmed is not None:
        answer = BudgetStatus(uid=uid, sequence=confirmed, enforced_budget_watts=700)
        status = FrequenciesStatus(
            power_budget=answer, draw_watts=650, last_updated=rfc3339(NOW - timedelta(seconds=seconds_ago)),
            conditions=[Condition(**condition)] if condition else [],
        )  # fmt: skip
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
    observed = Observed(power_watts=6000, last_updated=rfc3339(NOW))
    row = shown([domain("all", enforcement=enforcement, observed=observed)]).domains[0]
    assert (row.cap_watts, row.reserved_watts, row.draw_watts, row.heartbeat_age_seconds) == (
        7000,
        6500,
        6000,
        30,
    )


@pytest.mark.parametrize(("seconds", "draw"), [(590, 6000), (610, None)])
def test_draws_of_a_recommender_that_has_said_nothing_for_long_are_not_shown(seconds, draw):
    told = rfc3339(NOW - timedelta(seconds=seconds))
    seen = domain("all", observed=Observed(power_watts=6000, last_updated=told))
    status = PolicyStatus(current_power=CurrentPower(watts=6000), last_updated=told)
    held = PowerCappingPolicy(metadata=ObjectMeta(name="llm", namespace="ns"), status=status)
    rows = shown([seen], policies=[held])
    assert (rows.domains[0].draw_watts, rows.policies[0].draw_watts) == (draw, draw)


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
    row = shown([domain("all", mode="Auto", conditions=conditions)]).domains[0]
    assert row.troubles == "Enforced: Shortfall, BootUnprotected: NoHostUnit"


@pytest.mark.parametrize(
    ("reason", "troubles"),
    [("Announced", ""), ("Ramping", ""), ("Released", ""), ("NotReached", "LoadTarget: NotReached")],
)
def test_the_usual_course_of_a_load_target_is_no_trouble(reason, troubles):
    told = [Condition(type="LoadTarget", status="False", reason=reason)]
    assert shown([domain("all", conditions=told)]).domains[0].troubles == troubles


def test_that_nobody_holds_the_cap_of_a_domain_that_is_off_is_no_trouble():
    told = [Condition(type="Enforced", status="False", reason="NotEnforced")]
    assert shown([domain("all", mode="Off", conditions=told)]).domains[0].troubles == ""
    assert shown([domain("all", mode="Auto", conditions=told)]).domains[0].troubles == "Enforced: NotEnforced"


STATES = {
    "obeys": node(5, 5),
    "pending": node(5, 4),
    "silent": node(5),
    "releasing": node(5, 5, release=True),
    "cannot obey": node(5, 5, type="BudgetObeyed", status="False", reason="FloorsTooHigh"),
    "degraded": node(5, 5, type="Degraded", status="True", reason="SomethingFailed"),
    "no grant": NodeFrequencies(metadata=ObjectMeta(name="n1")),
}


@pytest.mark.parametrize(("state", "subject"), STATES.items(), ids=STATES.keys())
def test_node_state(state, subject):
    assert shown(nodes=[subject]).nodes[0].state == state


def test_a_budget_that_is_being_written_is_pending():
    writing = node(5, 5, type="BudgetObeyed", status="False", reason="Writing")
    assert shown(nodes=[writing]).nodes[0].state == "pending"


@pytest.mark.parametrize(("seconds", "state", "draw"), [(110, "obeys", 650), (130, "silent", None)])
def test_an_agent_that_has_said_nothing_for_long_is_silent_and_its_draw_is_not_known(seconds, state, draw):
    row = shown(nodes=[node(5, 5, seconds_ago=seconds)]).nodes[0]
    assert (row.state, row.draw_watts, row.enforced_watts) == (state, draw, 700)


def test_confirmation_of_another_object_counts_for_nothing():
    assert shown(nodes=[node(5, 5, uid="of a predecessor")]).nodes[0].state == "silent"


def policy():
    return PowerCappingPolicy(
        metadata=ObjectMeta(name="llm", namespace="ns"),
        spec=PolicySpec(power_cap_limit=1000),
        status=PolicyStatus(
            effective_cap_watts=900,
            current_power=CurrentPower(watts=950),
            last_updated=rfc3339(NOW),
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
