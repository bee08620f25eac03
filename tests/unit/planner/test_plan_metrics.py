"""The plan in force as metrics."""

import math

from prometheus_client import CollectorRegistry

from recommender.output.plan_metrics import PlanCollector
from recommender.planner.plan import make_plan
from recommender.planner.service_state import Weights
from recommender.planner.worth import tokens_per_watt
from tests.unit.planner.services import service


def _exposed(plan):
    registry = CollectorRegistry()
    registry.register(PlanCollector(lambda: {row.service.key: row for row in plan.rows}))
    return registry


def _worth(registry, name="chat"):
    labels = {"namespace": "default", "deployment": name}
    return registry.get_sample_value("climatik_planner_marginal_watt_value", labels)


def test_planned_and_present_replicas_are_told():
    plan = make_plan([service("chat", replicas=2)], math.inf, Weights())
    registry, labels = _exposed(plan), {"namespace": "default", "deployment": "chat"}
    read = {
        state: registry.get_sample_value("climatik_planner_replicas", {**labels, "state": state})
        for state in ("planned", "present")
    }
    assert read == {"planned": plan.rows[0].replicas, "present": 2}


def test_a_watt_is_worth_nothing_where_all_load_is_served():
    assert _worth(_exposed(make_plan([service()], math.inf, Weights()))) == 0.0


def test_a_watt_is_worth_something_under_a_tight_cap():
    tight = make_plan([service()], 1500.0, Weights())
    worth = _worth(_exposed(tight))
    assert worth > 0.0
    wider = make_plan([service()], 4000.0, Weights())
    gained = wider.rows[0].option.tokens_per_second - tight.rows[0].option.tokens_per_second
    spent = wider.rows[0].option.watts - tight.rows[0].option.watts
    assert worth >= gained / spent


def test_a_service_without_watts_counts_from_nothing():
    rows = make_plan([service("chat", priority=1), service("big", least_replicas=20)], 1500.0, Weights()).rows
    assert rows[1].option is None
    assert tokens_per_watt(rows[1]) > 0.0


def test_nothing_is_told_of_what_was_never_measured():
    plan = make_plan([service("new", model=None, replicas=5)], 1000.0, Weights())
    assert _worth(_exposed(plan), "new") == 0.0


def test_before_the_first_plan_there_is_nothing():
    registry = CollectorRegistry()
    registry.register(PlanCollector(dict))
    assert [family.samples for family in registry.collect()] == [[], []]
