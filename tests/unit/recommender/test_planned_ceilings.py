"""Ceilings of policies that follow the plan: from what is served and drawn, into the policies' status."""

from concurrent.futures import Executor, Future
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from common.api.domain import DomainUpdatePolicy
from common.api.meta import OwnerReference
from common.api.policy import UpdatePolicy
from common.api.selector import LabelSelector
from common.telemetry.load import LoadTable, Server
from recommender.fleet import Fleet
from recommender.logic.fleet_members import Targets
from recommender.logic.planned import Planned
from recommender.logic.planned_ceilings import planned_ceilings
from recommender.logic.replica_shares import Scalable
from recommender.planner.observe import Samples
from tests.unit.recommender import builders
from tests.unit.recommender.builders import policy
from tests.unit.recommender.scene import Scene

SCALE = UpdatePolicy(update_mode="Auto", levers=["Scale"])
BUSY, CALM = (600.0, 90.0), (20.0, 1.0)
"""Tokens per second and requests at once: 150 ms between tokens, where 100 are asked for, and 50."""


class Serving(Scene):
    """Pods p0 and p2 serve as ``chat``, p1 as ``code``; all have label ``app=chat``."""

    def __init__(self, *policies, **objects):
        super().__init__(policies=policies, **objects)
        code = OwnerReference(kind="StatefulSet", name="code", controller=True)
        pods = list(self.objects.pods)
        pods[1] = replace(pods[1], metadata=replace(pods[1].metadata, owner_references=[code]))
        self.objects = type(self.objects)(**vars(self.objects) | {"pods": tuple(pods)})
        self.engine.fleet = Fleet(Samples(1.645), Targets(0.1, 4.0), ceilings=True)
        self.measure()

    def serve(self, **loads):
        servers = tuple(Server("ns", pod, "m") for pod in loads)
        tokens, running = np.array(list(loads.values())).T
        nothing = np.full(len(loads), np.nan)
        self.engine.load = LoadTable(
            servers, running, np.zeros(len(loads)), nothing, tokens, nothing, nothing, nothing, nothing
        )
        return self.cycle()


def ceilings(scene, own):
    advice = scene.advise(own).recommendation
    return {one.workload: one.replicas for one in advice.replicas}, advice


def test_a_busy_service_gets_replicas_and_a_calm_one_gives_them():
    own = policy(power_cap_limit=5000, update_policy=SCALE)
    scene = Serving(own).serve(p0=BUSY, p2=BUSY, p1=CALM)
    counts, advice = ceilings(scene, own)
    assert counts["Deployment/chat"] > 2
    assert counts["StatefulSet/code"] == 1
    assert all(one.reason.startswith("planned: serves") for one in advice.replicas)
    assert advice.replica_budget_watts == 5000


def test_the_sum_of_the_plan_holds_the_cap():
    own = policy(power_cap_limit=900, update_policy=SCALE)
    _, advice = ceilings(Serving(own).serve(p0=BUSY, p2=BUSY, p1=BUSY), own)
    assert sum(one.replicas * one.watts_per_replica for one in advice.replicas) <= 900
    assert any("more would break the cap of 900 W" in one.reason for one in advice.replicas)


@pytest.mark.parametrize(
    ("lever", "slower"), [("PowerLimit", True), ("Frequency", False)], ids=["limits hold it", "clocks alone"]
)
def test_replicas_are_planned_at_lower_watts_only_where_limits_hold_them(lever, slower):
    def planned(*levers):
        own = policy(
            power_cap_limit=600, update_policy=UpdatePolicy(update_mode="Auto", levers=["Scale", *levers])
        )
        _, advice = ceilings(Serving(own).serve(p0=BUSY, p2=BUSY, p1=BUSY), own)
        return {one.workload: one.watts_per_replica for one in advice.replicas}

    full, here = planned(), planned(lever)
    assert (here != full) == slower
    assert all(here[workload] <= full[workload] for workload in full)


def test_what_is_not_measured_keeps_what_runs_and_the_rest_is_planned():
    own = policy(power_cap_limit=1500, update_policy=SCALE)
    scene = Serving(own).serve(p0=BUSY, p2=BUSY)
    first = scene.advise(own)  # without a plan: it tells what a replica of the unmeasured counts with
    own = policy(power_cap_limit=1500, update_policy=SCALE, status=first)
    scene.objects = type(scene.objects)(**vars(scene.objects) | {"policies": (own,)})
    counts, advice = ceilings(scene.cycle(), own)
    reasons = {one.workload: one.reason for one in advice.replicas}
    assert reasons["Deployment/chat"].startswith("planned")
    assert "what the plan of the measured workloads leaves" in reasons["StatefulSet/code"]
    assert counts["StatefulSet/code"] >= 1
    assert sum(one.replicas * one.watts_per_replica for one in advice.replicas) <= 1500


def test_without_load_nothing_is_planned():
    own = policy(power_cap_limit=1500, update_policy=SCALE)
    _, advice = ceilings(Serving(own).cycle(), own)
    assert advice.replicas
    assert not any(one.reason.startswith("planned") for one in advice.replicas)


def test_a_domain_in_auto_bounds_the_plan_beside_the_policy():
    own = policy(power_cap_limit=100_000, update_policy=SCALE)
    hall = {"selector": {"rack": "r1"}, "cap_watts": 2000}
    counts = []
    for mode in ("Off", "Auto"):
        domain = builders.domain("hall", update_policy=DomainUpdatePolicy(update_mode=mode), **hall)
        scene = Serving(own, domains=(domain,)).serve(p0=BUSY, p2=BUSY, p1=BUSY)
        planned = [one for one in ceilings(scene, own)[1].replicas if one.reason.startswith("planned")]
        counts.append(sum(one.replicas for one in planned))
    free, held = counts
    assert 0 < held < free


def test_load_that_wavers_does_not_move_the_ceilings_with_every_reading():
    own = policy(power_cap_limit=5000, update_policy=SCALE)
    random = np.random.default_rng(7)
    scene, seen = Serving(own), []
    for _ in range(40):
        tokens, running = BUSY
        wave = 1 + 0.05 * random.standard_normal()
        scene.serve(p0=(tokens * wave, running * wave), p2=(tokens, running), p1=CALM)
        status = scene.advise(own)
        seen.append({one.workload: one.replicas for one in status.recommendation.replicas})
        own = policy(power_cap_limit=5000, update_policy=SCALE, status=status)
        scene.objects = type(scene.objects)(**vars(scene.objects) | {"policies": (own,)})
    changes = sum(before != after for before, after in pairwise(seen))
    assert changes <= 3


def test_a_service_that_two_policies_select_is_planned_under_the_one_of_higher_priority():
    low = policy("low", power_cap_limit=100_000, update_policy=SCALE)
    high = policy("high", power_cap_limit=900, update_policy=SCALE, priority=10)
    scene = Serving(low, high).serve(p0=BUSY, p2=BUSY, p1=BUSY)
    rows = scene.engine.fleet.rows.values()
    assert sum(row.option.watts for row in rows) <= 900


workloads_of = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 500), st.booleans(), st.integers(1, 8)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=300)
@given(workloads_of, st.integers(0, 6000))
def test_ceilings_of_a_plan_fit_into_any_budget_or_there_are_none(drawn, budget):
    every = [Scalable(f"Deployment/w{i}", count, watts) for i, (count, watts, _, _) in enumerate(drawn)]
    plan = {
        one.workload: Planned(replicas, one.watts, "r")
        for one, (_, _, is_planned, replicas) in zip(every, drawn, strict=True)
        if is_planned
    }
    advice = planned_ceilings(plan, every, budget, 0, spare=True)
    assert sum(one.replicas * one.watts_per_replica for one in advice) <= budget
    assert not advice or {one.workload for one in advice} == {one.workload for one in every}


@pytest.mark.parametrize("least", [0, 1, 2])
def test_a_plan_that_would_stop_what_runs_unmeasured_is_dropped(least):
    every = [Scalable("Deployment/a", 1, 100), Scalable("Deployment/b", 2, 100)]
    plan = {"Deployment/a": Planned(4, 100, "r")}
    assert planned_ceilings(plan, every, 500, least, spare=True) == []
    assert len(planned_ceilings(plan, every, 600, least, spare=True)) == 2


def test_other_labels_are_not_planned():
    own = policy(power_cap_limit=5000, update_policy=SCALE, selector=LabelSelector(match_labels={"app": "x"}))
    scene = Serving(own).serve(p0=BUSY, p2=BUSY, p1=CALM)
    assert scene.engine.fleet.rows == {}


class HeldSolver(Executor):
    """Works when the test says so."""

    def __init__(self):
        self.waiting = []

    def submit(self, work, /, *args, **kwargs):
        future = Future()
        self.waiting.append((future, lambda: work(*args, **kwargs)))
        return future

    def work(self):
        future, call = self.waiting.pop()
        try:
            future.set_result(call())
        except ValueError as error:
            future.set_exception(error)


def test_a_plan_that_takes_long_holds_up_no_cycle_and_the_last_one_stands():
    own = policy(power_cap_limit=5000, update_policy=SCALE)
    scene, solver = Serving(own), HeldSolver()
    scene.engine.fleet.solver = solver
    scene.serve(p0=BUSY, p2=BUSY, p1=CALM).cycle()
    assert len(solver.waiting) == 1
    assert not any(one.reason.startswith("planned") for one in ceilings(scene, own)[1].replicas)
    solver.work()
    assert all(one.reason.startswith("planned") for one in ceilings(scene, own)[1].replicas)


def test_a_plan_that_fails_is_counted_and_the_next_one_is_made(monkeypatch):
    own = policy(power_cap_limit=5000, update_policy=SCALE)
    scene, solver = Serving(own), HeldSolver()
    scene.engine.fleet.solver = solver

    def fail(*_):
        raise ValueError("made to fail")

    monkeypatch.setattr("recommender.fleet.plan_fleet", fail)
    scene.serve(p0=BUSY, p2=BUSY, p1=CALM)
    solver.work()
    monkeypatch.undo()
    scene.cycle()
    of = {"kind": "cycle", "reason": "ValueError"}
    assert scene.metrics.registry.get_sample_value("climatik_recommender_failures_total", of) == 1
    solver.work()
    assert all(one.reason.startswith("planned") for one in ceilings(scene, own)[1].replicas)
