"""The agent as a process of its own, with its own rights, against the real API server."""

import time

import pytest

from tests.cluster.nodeagent.conftest import BASE

WATTS = "climatik.io/watts"


@pytest.fixture
def agent(bench):
    bench.make_domain(7000)
    bench.make_object()
    bench.start_agent()
    bench.until(lambda: "powerBudget" in bench.status, "the first word of the agent", 15)
    return bench


def tainted(bench):
    """Whether pods are kept away; so it is until the first grant is borne, and not for a cut after that."""
    return any(t["key"].startswith("climatik") for t in bench.node_object["spec"].get("taints", []))


def gpu(bench):
    return bench.status["gpus"][0]


def test_without_a_grant_devices_stay_as_found_and_watts_are_offered(agent):
    budget = agent.status["powerBudget"]
    assert (budget["sequence"], budget["enforcedBudgetWatts"]) == (0, budget["nameplateWatts"])
    assert agent.differences() == []
    nameplate = str(budget["nameplateWatts"])
    agent.until(lambda: agent.node_object["status"]["allocatable"].get(WATTS) == nameplate, "watts", 15)


def test_set_points_are_applied_and_bad_items_have_their_own_status(agent):
    uuid = gpu(agent)["gpuId"]
    limits = [{"gpuId": uuid, "watts": 350}, {"gpuId": "GPU-nope", "watts": 300}]
    spec = {"gpuPowerLimits": limits, "cpuFrequencies": [{"cpuId": 0, "targetFrequency": 1}]}
    agent.patch("nodefrequencies", agent.node, {"spec": spec})

    def applied():
        return (gpu(agent)["status"], gpu(agent)["enforcedWatts"]) == ("Applied", 350)

    assert agent.until(applied, "Applied") < 3
    by_id = {item["gpuId"]: item for item in agent.status["gpus"]}
    assert by_id["GPU-nope"]["status"] == "Failed"
    assert agent.status["cpus"][0]["status"] == "Clamped"
    assert agent.condition("Degraded")["status"] == "True"
    agent.patch("nodefrequencies", agent.node, {"spec": {"gpuPowerLimits": [], "cpuFrequencies": []}})
    agent.until(lambda: agent.differences() == [], "originals")


def test_a_grant_is_enforced_confirmed_cut_at_once_and_released(agent):
    agent.grant(4000)
    agent.until(agent.confirmed, "confirmation")
    assert BASE <= agent.status["powerBudget"]["enforcedBudgetWatts"] <= 4000
    assert "4,000 W granted" in agent.condition("BudgetObeyed")["message"]
    agent.until(lambda: not tainted(agent), "the end of the taint of the first second")
    agent.cut(4750)
    agent.until(lambda: agent.status["powerBudget"]["enforcedBudgetWatts"] <= 3250, "the cut")
    assert "cut to 4,750 W" in agent.condition("BudgetObeyed")["message"]
    assert not tainted(agent)
    agent.grant(5000, release=True)
    agent.until(agent.confirmed, "release")
    assert agent.differences() == []


def test_a_killed_agent_leaves_caps_and_the_next_one_adopts_them(agent):
    agent.grant(3000)
    agent.until(agent.confirmed, "confirmation")
    before = sorted((d.device, d.current) for d in agent.differences())
    agent.agent.kill()
    assert sorted((d.device, d.current) for d in agent.differences()) == before
    agent.start_agent()
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        assert agent.status["powerBudget"]["enforcedBudgetWatts"] <= 3000
        time.sleep(0.2)
    agent.grant(3500)
    agent.until(agent.confirmed, "the next grant")
    agent.agent.stop()
    assert agent.differences() != []
    assert agent.run_agent("--restore") == 0
    assert agent.differences() == []


def test_once_does_one_round_and_a_dry_run_none(bench):
    bench.make_domain(7000)
    bench.make_object()
    bench.grant(3000)
    admin = ("--kubeconfig", str(bench.cluster.kubeconfig))
    assert bench.run_agent("--once", "--dry-run", *admin) == 0
    assert bench.differences() == []
    assert "powerBudget" not in bench.status
    assert bench.run_agent("--once", *admin) == 0
    assert bench.confirmed()
    assert bench.differences() != []
    assert bench.run_agent("--probe") == 0
