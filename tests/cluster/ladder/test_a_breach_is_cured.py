"""A breach that lower rungs cannot cure: the right pod goes, within its time, and the record says why."""

from __future__ import annotations

import json
import subprocess
import sys

from common.api.core import EVENTS

from .conftest import HOME, Arena, running


async def test_the_smallest_pod_that_covers_the_excess_goes(arena: Arena, webhook: object) -> None:
    await arena.make_policy()
    await arena.make_workloads()
    async with running(arena):

        async def gone() -> bool:
            return await arena.evicted() == ["small"]

        await arena.until(gone, "one small pod to go", 60)
        assert arena.sample("climatik_actuator_action_delay_seconds_sum") <= 30
        arena.draw_watts = 1100

        async def measured() -> bool:
            taken = [one for one in (await arena.record()).decisions if one.verdict == "Taken"]
            return bool(taken) and taken[0].achieved_watts is not None

        await arena.until(measured, "the achieved watts", 40)
    (decision,) = [one for one in (await arena.record()).decisions if one.verdict == "Taken"]
    assert (decision.expected_watts, decision.achieved_watts) == (150, 150)
    assert decision.alternatives
    events = (await arena.client.list(EVENTS, arena.namespace)).items
    assert {e.involved_object.kind for e in events if e.reason == "Evicted"} == {"Pod", "PowerCappingPolicy"}
    told = _explain(arena, "policy", "cap")
    assert [one["verdict"] for one in told["decisions"] if one["rung"] == "EVICT"].count("Taken") == 1
    pod = decision.target.rpartition("/")[2]
    assert [one["target"] for one in _explain(arena, "pod", pod)["decisions"]] == [decision.target]


async def test_a_disruption_budget_is_kept_and_another_pod_chosen(arena: Arena, webhook: object) -> None:
    await arena.make_policy()
    await arena.make_workloads()
    selector = {"matchLabels": {"app": "small"}}
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "small"},
        "spec": {"minAvailable": 3, "selector": selector},
    }
    arena.cluster.kubectl("apply", "-n", arena.namespace, "-f", "-", input=json.dumps(budget))
    async with running(arena):

        async def gone() -> bool:
            return bool(await arena.evicted())

        await arena.until(gone, "a pod to go", 60)
        await arena.until_refused("DisruptionBudget")
        assert await arena.evicted() == ["big"]


async def test_never_more_than_the_limit_over_a_change_of_leaders(arena: Arena, webhook: object) -> None:
    await arena.make_policy()
    await arena.make_workloads()
    arena.draw_watts = 2_000
    limits = {"cluster_disruptions": 2, "settling_seconds": 1.0}

    async def two_gone() -> bool:
        return len(await arena.evicted()) == 2

    async def limited_again() -> bool:
        found = (await arena.record()).decisions
        return any(one.reason == "RateLimited" and one.count > 1 for one in found)

    async with running(arena, **limits):
        await arena.until(two_gone, "two evictions")
    async with running(arena, **limits):
        await arena.until(limited_again, "the next leader's refusal")
    assert len(await arena.evicted()) == 2
    assert sum(one.count for one in (await arena.record()).disruptions) == 2


def _explain(arena: Arena, kind: str, name: str) -> dict:
    command = [sys.executable, "-m", "climatik", "explain", kind, name, "-n", arena.namespace, "--json"]
    where = ["--kubeconfig", str(arena.cluster.kubeconfig), "--actuator-namespace", HOME]
    return json.loads(subprocess.run([*command, *where], check=True, capture_output=True, timeout=30).stdout)
