"""Pods on a whole agent: caps come and go with them, their priority weighs, other agents are left alone."""

from common.api.frequencies import PodPowerLimit
from nodeagent.pods.tenancy import Holder, PodFacts, Tenancy
from nodeagent.report.status import build_status
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST, Agent


def on(*pods, facts=None, known=True, message=""):
    """One pod (or none) on each board, in order."""
    holders = {f"GPU-{n}": (Holder("llm", pod, "server"),) for n, pod in enumerate(pods) if pod}
    facts = {f"llm/{pod}": found for pod, found in (facts or {}).items()}
    return Tenancy(True, known, "" if known else "SocketMissing", message, holders, facts)


def cap(pod, watts, board=0):
    return PodPowerLimit(gpu_id=f"GPU-{board}", pod_namespace="llm", pod_name=pod, watts=watts)


def node(tmp_path, draw=600.0, limit=700.0):
    boards = [FakeDevice(gpu_info(f"GPU-{n}", index=n), draw=draw, limit=limit) for n in range(2)]
    return Agent(boards, tmp_path), boards


def status_of(agent, snapshot):
    return build_status(snapshot, [], agent.clock.now())


async def test_a_cap_comes_and_goes_with_its_pod_and_the_setting_as_found_returns(tmp_path):
    agent, boards = node(tmp_path, limit=650.0)
    agent.see(frequencies(pod_power_limits=[cap("chat-0", 300)]))
    agent.world.tenants_changed(on())
    assert boards[0].limit == 650.0
    found = status_of(agent, await agent.turns(1)).gpus[0]
    assert (found.status, found.requested_watts, found.owner) == ("Applied", None, "")
    assert "waits until that pod holds this GPU" in found.reason

    agent.world.tenants_changed(on("chat-0"))
    found = status_of(agent, await agent.turns(1)).gpus[0]
    assert (boards[0].limit, boards[1].limit) == (300.0, 650.0)
    assert (found.status, found.requested_watts, found.owner) == ("Applied", 300, "climatik")

    agent.world.tenants_changed(on("chat-1"))
    await agent.turns(1)
    assert (boards[0].limit, agent.store.originals) == (650.0, {})


async def test_under_a_budget_the_share_of_the_split_returns(tmp_path):
    agent, boards = node(tmp_path)
    seen = frequencies(budget(1, REST + 1040, base=REST + 420), pod_power_limits=[cap("chat-0", 300)])
    agent.see(seen, domain(granted=10_000))
    agent.world.tenants_changed(on("chat-0", "chat-1"))
    allowed = []
    await agent.turns(6, lambda s: allowed.append(s.standing.asked_watts))
    assert boards[0].limit == 300.0
    assert boards[1].limit == 700.0, "what the cap leaves goes to the other board"
    agent.world.tenants_changed(on("", "chat-1"))
    await agent.turns(6, lambda s: allowed.append(s.standing.asked_watts))
    assert boards[0].limit > 400.0
    assert max(allowed[-60:]) <= REST + 1040


async def test_a_cap_is_lifted_when_nobody_knows_any_more_who_is_where(tmp_path):
    agent, boards = node(tmp_path)
    agent.see(frequencies(pod_power_limits=[cap("chat-0", 300)]))
    agent.world.tenants_changed(on("chat-0"))
    await agent.turns(1)
    agent.world.tenants_changed(on(known=False, message="there is no socket"))
    status = status_of(agent, await agent.turns(1))
    assert boards[0].limit == 700.0
    assert "there is no socket" in status.gpus[0].reason
    condition = next(c for c in status.conditions if c.type == "PodsKnown")
    assert (condition.status, condition.reason) == ("False", "SocketMissing")
    assert "there is no socket" in condition.message
    assert next(c for c in status.conditions if c.type == "Degraded").status == "False"


async def test_status_names_the_pod_on_each_gpu(tmp_path):
    agent, _ = node(tmp_path)
    agent.see(frequencies())
    before = await agent.turns(1)
    agent.world.tenants_changed(on("chat-0"))
    after = await agent.turns(1)
    rows = [[(p.namespace, p.name, p.container) for p in gpu.pods] for gpu in status_of(agent, after).gpus]
    assert rows == [[("llm", "chat-0", "server")], []]
    assert before.essence != after.essence, "a pod that came is worth a report at once"
    assert not [c for c in status_of(agent, before).conditions if c.type == "PodsKnown"]


async def test_contested_watts_go_to_the_higher_priority(tmp_path):
    agent, boards = node(tmp_path, draw=700.0)
    agent.see(frequencies(budget(1, REST + 920, base=REST + 420)), domain(granted=10_000))
    facts = {"low": PodFacts("u1", 0), "high": PodFacts("u2", 1000)}
    agent.world.tenants_changed(on("low", "high", facts=facts))
    await agent.turns(8)
    assert boards[1].limit - 200.0 > 1.6 * (boards[0].limit - 200.0)
    agent.world.tenants_changed(on("high", "low", facts=facts))
    await agent.turns(8)
    assert boards[0].limit - 200.0 > 1.6 * (boards[1].limit - 200.0)


async def test_a_board_of_another_power_agent_is_left_alone_and_counted_at_nameplate(tmp_path):
    agent, boards = node(tmp_path)
    facts = {"theirs": PodFacts("u", 0, "dynamo.nvidia.com/gpu-power-limit")}
    agent.world.tenants_changed(on("theirs", facts=facts))
    agent.see(frequencies(budget(1, REST + 1000, base=REST + 420)), domain(granted=10_000))
    snapshot = await agent.turns(4)
    assert boards[0].writes == []
    assert boards[1].limit < 300.0
    found = status_of(agent, snapshot).gpus[0]
    assert found.owner == "dynamo.nvidia.com/gpu-power-limit of pod llm/theirs"
    assert (found.status, found.reason.split(":")[0]) == ("Failed", "ForeignWriter")
    assert snapshot.standing.charged_watts >= REST + 714

    agent.world.tenants_changed(on("ours"))
    await agent.turns(6)
    assert boards[0].writes, "the pod is gone, and so is its agent's claim"


async def test_a_label_of_the_node_still_counts_beside_pods(tmp_path):
    agent, boards = node(tmp_path)
    agent.world.tenants_changed(on("ours"))
    agent.world.node.metadata.labels["joulie.io/power-profile"] = "eco"
    agent.see(frequencies(budget(1, REST + 1000, base=REST + 420)), domain(granted=10_000))
    await agent.turns(3)
    assert [board.writes for board in boards] == [[], []]
