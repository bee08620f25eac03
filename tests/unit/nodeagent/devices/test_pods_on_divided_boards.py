"""MIG instances and replicas end to end: a real gRPC socket, the real pynvml, a whole agent."""

import pytest

from common.api.frequencies import PodPowerLimit
from nodeagent.devices import nvml
from nodeagent.pods.desk import PodDesk
from nodeagent.pods.follower import Follower, FollowerSettings
from nodeagent.pods.instances import Instances
from nodeagent.pods.kubelet import KubeletSocket
from nodeagent.report.status import build_status
from tests.fakes.kubelet import FakeKubelet, claim, devices, pod
from tests.fakes.nvml.machine import Fault
from tests.unit.nodeagent.devices.threaded import ThreadedAgent
from tests.unit.nodeagent.grants import frequencies

BOARDS = [f"GPU-00000000-0000-0000-0000-{n:012}" for n in range(8)]
INSTANCES = [f"MIG-00000000-0000-0000-{place:04}-000000000001" for place in (0, 2)]


@pytest.fixture
def kubelet(tmp_path):
    found = FakeKubelet(tmp_path / "kubelet.sock").start()
    yield found
    found.stop()


def followed_agent(boards, kubelet, tmp_path):
    found = nvml.discover().devices
    agent = ThreadedAgent(found, tmp_path / "state", boards.advance)
    desk = PodDesk(agent.world.tenants_changed)
    settings = FollowerSettings(period_seconds=3.0, longest_age_seconds=60.0)
    ids = [device.info.id for device in found]
    source = KubeletSocket(kubelet.path, 2.0)
    desk.open(
        Follower(source, ids, Instances(found, 1.0), settings, agent.clock, desk.holdings_changed), None
    )
    return agent, desk


def cap(name, watts, board):
    return PodPowerLimit(gpu_id=BOARDS[board], pod_namespace="llm", pod_name=name, watts=watts)


def limit_watts(boards, index):
    return boards.gpus[index].requested_limit_mw / 1000


async def test_instances_and_replicas_share_the_limit_of_their_board(boards, kubelet, tmp_path):
    boards.gpus[1].mig_enabled = 1
    kubelet.offers = [devices("nvidia.com/gpu", *BOARDS), devices("nvidia.com/mig-1g.10gb", *INSTANCES)]
    kubelet.pods = [
        pod("small", ("nvidia.com/mig-1g.10gb", INSTANCES[0])),
        pod("other", ("nvidia.com/mig-3g.40gb", INSTANCES[1])),
        pod("first", ("nvidia.com/gpu.shared", f"{BOARDS[2]}::0")),
        pod("second", ("nvidia.com/gpu.shared", f"{BOARDS[2]}::1")),
    ]
    agent, desk = followed_agent(boards, kubelet, tmp_path)
    caps = [cap("small", 150, 1), cap("other", 200, 1), cap("first", 250, 2)]
    agent.see(frequencies(pod_power_limits=caps))
    await desk.look()
    status = build_status(await agent.turns(1), [], agent.clock.now())
    assert limit_watts(boards, 1) == 350
    assert limit_watts(boards, 2) == 700
    assert "pod llm/second, without one, shares this GPU" in status.gpus[2].reason
    names = {gpu.gpu_id: [found.name for found in gpu.pods] for gpu in status.gpus if gpu.pods}
    assert names == {BOARDS[1]: ["other", "small"], BOARDS[2]: ["first", "second"]}

    kubelet.pods = kubelet.pods[1:3]
    await desk.look()
    await agent.turns(1)
    assert (limit_watts(boards, 1), limit_watts(boards, 2)) == (200, 250)
    agent.kill()


def holders(desk):
    return {board: [holder.pod for holder in found] for board, found in desk.tenancy.holders.items()}


async def test_boards_are_found_by_the_numbers_that_gke_hands_out(boards, kubelet, tmp_path):
    """The driver's numbers run against the index here: 7 is the first board."""
    agent, desk = followed_agent(boards, kubelet, tmp_path)
    kubelet.offers = [devices("nvidia.com/gpu", *(f"nvidia{n}/vgpu{k}" for n in range(8) for k in range(2)))]
    kubelet.pods = [
        pod("whole", ("nvidia.com/gpu", "nvidia7")),
        pod("share", ("nvidia.com/gpu", "nvidia6/vgpu1")),
        pod("part", ("nvidia.com/gpu", "nvidia0/gi3")),
        pod("lost", ("nvidia.com/gpu", "nvidia9")),
    ]
    agent.see(frequencies(pod_power_limits=[cap("whole", 300, 0)]))
    await desk.look()
    await agent.turns(1)
    assert holders(desk) == {BOARDS[0]: ["whole"], BOARDS[1]: ["share"], BOARDS[7]: ["part"]}
    assert limit_watts(boards, 0) == 300
    assert desk.tenancy.message == "nvidia9 names a GPU by minor number 9, which the driver gives to none"
    agent.kill()


async def test_boards_are_found_by_the_devices_of_resource_claims(boards, kubelet, tmp_path):
    agent, desk = followed_agent(boards, kubelet, tmp_path)
    driver = "gpu.nvidia.com"
    two = claim((driver, "n", "gpu-7"), (driver, "n", "gpu-5-mig-1g10gb-19-4"))
    older = claim(("", "", "", "k8s.gpu.nvidia.com/device=gpu-6"))
    others = claim(("compute-domain.nvidia.com", "n", "channel-0"), (driver, "n", "gpu-vfio-2"))
    kubelet.pods = [pod("two", claims=[two]), pod("older", claims=[older]), pod("vm", claims=[others])]
    agent.see(frequencies(pod_power_limits=[cap("two", 300, 0)]))
    await desk.look()
    await agent.turns(1)
    assert holders(desk) == {BOARDS[0]: ["two"], BOARDS[2]: ["two"], BOARDS[1]: ["older"]}
    assert limit_watts(boards, 0) == 300
    assert desk.tenancy.message.startswith("gpu-vfio-2 is passed through to a virtual machine")
    agent.kill()


async def test_a_board_that_is_lost_leaves_its_number_unnamed_and_the_others_named(boards, kubelet, tmp_path):
    agent, desk = followed_agent(boards, kubelet, tmp_path)
    kubelet.pods = [pod("whole", ("nvidia.com/gpu", "nvidia7")), pod("other", ("nvidia.com/gpu", "nvidia6"))]
    with boards.gpus[0].failing(Fault.LOST):
        await desk.look()
    assert holders(desk) == {BOARDS[1]: ["other"]}
    assert "minor number 7" in desk.tenancy.message
    agent.kill()
