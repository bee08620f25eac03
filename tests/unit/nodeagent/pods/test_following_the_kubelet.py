"""The last answer is gone by for a while, and then no more; whatever the kubelet does, the agent lives."""

import asyncio
from types import SimpleNamespace

import grpc
import pytest

from nodeagent.pods.errors import KubeletRefusedError, KubeletSilentError, SocketMissingError
from nodeagent.pods.follower import Follower, FollowerSettings
from nodeagent.pods.instances import Instances
from nodeagent.pods.kubelet import KubeletSocket
from nodeagent.pods.messages import Allocation, Offer
from nodeagent.pods.tenancy import Holder
from tests.fakes.clock import FakeClock
from tests.fakes.devices import FakeDevice, gpu_info
from tests.fakes.kubelet import devices, pod

CHAT = Allocation("llm", "chat-0", "server", "nvidia.com/gpu", ("GPU-0",))
HELD = {"GPU-0": (Holder("llm", "chat-0", "server"),)}


class Said:
    """A kubelet of which a test says what it answers."""

    def __init__(self):
        self.answer = [CHAT]
        self.offers = []
        self.asked = 0

    async def held(self):
        self.asked += 1
        return self._of(self.answer)

    async def offered(self):
        return self._of(self.offers)

    def _of(self, answer):
        if isinstance(answer, Exception):
            raise answer
        return answer


class SharedBoard(FakeDevice):
    """A board in MIG mode, as nvmlDeviceGetMigDeviceHandleByIndex lists its instances."""

    instances = ("MIG-1",)
    asked = 0
    number = 4

    def instance_uuids(self):
        self.asked += 1
        return self.instances

    def minor_number(self):
        return self.number


def follower(kubelet, clock=None, boards=("GPU-0", "GPU-1"), found=()):
    settings = FollowerSettings(period_seconds=3.0, longest_age_seconds=60.0)
    seen = []
    made = Follower(kubelet, boards, Instances(found, 1.0), settings, clock or FakeClock(), seen.append)
    return made, seen


async def test_what_the_kubelet_says_is_told_once():
    followed, seen = follower(Said())
    assert await followed.look()
    assert await followed.look()
    assert [(one.known, dict(one.holders)) for one in seen] == [(True, HELD)]


@pytest.mark.parametrize(
    "error",
    [
        SocketMissingError("there is no socket"),
        KubeletSilentError("no answer"),
        KubeletRefusedError("RESOURCE_EXHAUSTED", "rate"),
        RuntimeError("a bug"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_the_last_answer_ages_out_with_the_reason_and_comes_back(error):
    clock, said = FakeClock(), Said()
    followed, seen = follower(said, clock)
    await followed.look()
    said.answer = error
    clock.advance(59.0)
    assert not await followed.look()
    assert followed.holdings.known
    clock.advance(2.0)
    await followed.look()
    assert (followed.holdings.known, dict(followed.holdings.holders)) == (False, {})
    assert followed.holdings.reason == getattr(error, "reason", "NoAnswer")
    assert str(error) in followed.holdings.message
    said.answer = [CHAT]
    await followed.look()
    assert dict(seen[-1].holders) == HELD
    assert len(seen) == 3


async def test_ids_that_no_board_answers_to_are_named():
    said = Said()
    said.answer = [CHAT, Allocation("llm", "odd", "x", "nvidia.com/gpu", ("GPU-z",))]
    said.answer.append(Allocation("llm", "net", "x", "rdma/hca", ("mlx5_0",)))
    said.offers = [Offer("nvidia.com/gpu", ("GPU-0", "GPU-y")), Offer("rdma/hca", ("mlx5_1",))]
    followed, _ = follower(said)
    await followed.look()
    assert followed.holdings.known
    why = "is no UUID of a GPU that this agent holds"
    assert followed.holdings.message == f"GPU-y {why}; GPU-z {why}"


async def test_a_kubelet_without_the_second_question_is_followed_all_the_same():
    said = Said()
    said.offers = KubeletRefusedError("UNIMPLEMENTED", "")
    followed, _ = follower(said)
    assert await followed.look()
    assert followed.holdings.message == ""


async def test_an_instance_is_led_back_to_its_board_by_the_driver():
    said, board = Said(), SharedBoard(gpu_info("GPU-0"))
    said.answer = [Allocation("llm", "small", "c", "nvidia.com/mig-1g.10gb", ("MIG-1",))]
    followed, _ = follower(said, found=[board, FakeDevice(gpu_info("GPU-1"))])
    await followed.look()
    assert followed.holdings.holders == {"GPU-0": (Holder("llm", "small", "c"),)}
    said.answer = [Allocation("llm", "late", "c", "nvidia.com/mig-1g.10gb", ("MIG-new",))]
    for _ in range(5):
        await followed.look()
    assert "MIG-new" in followed.holdings.message
    assert board.asked == 1, "an unknown id must not ask the driver at every look"


async def test_numbers_are_asked_of_the_driver_and_kept_fresh(monkeypatch):
    said, board = Said(), SharedBoard(gpu_info("GPU-0"))
    seconds = [1000.0]
    monkeypatch.setattr("nodeagent.pods.instances.time", SimpleNamespace(monotonic=lambda: seconds[0]))
    said.answer = [Allocation("llm", "chat-0", "server", "gpu.nvidia.com", ("gpu-4",))]
    followed, _ = follower(said, found=[board])
    for _ in range(3):
        await followed.look()
    assert dict(followed.holdings.holders) == HELD
    assert board.asked == 1
    # The driver was loaded anew, and numbers boards in another way.
    board.number = 0
    seconds[0] += 61.0
    await followed.look()
    assert dict(followed.holdings.holders) == {}
    assert "minor number 4, which the driver gives to none" in followed.holdings.message
    assert board.asked == 2


async def test_claims_of_other_drivers_are_none_of_ours():
    said = Said()
    said.answer = [
        CHAT,
        Allocation("llm", "chat-0", "server", "compute-domain.nvidia.com", ("channel-0",)),
        Allocation("llm", "net", "x", "dra.net", ("eth1",)),
    ]
    followed, _ = follower(said)
    await followed.look()
    assert (dict(followed.holdings.holders), followed.holdings.message) == (HELD, "")


@pytest.mark.looptime
async def test_it_asks_every_few_seconds_and_sooner_when_a_pod_came():
    said = Said()
    followed, _ = follower(said)
    task = asyncio.create_task(followed.run())
    await asyncio.sleep(9.5)
    assert said.asked == 4
    followed.hurry()
    await asyncio.sleep(0.6)
    assert said.asked == 5
    for _ in range(20):
        followed.hurry()
        await asyncio.sleep(0.05)
    assert said.asked <= 8, "however much happens on the node, questions are half a second apart"
    task.cancel()


@pytest.mark.looptime
async def test_a_silent_kubelet_is_asked_less_often():
    said = Said()
    said.answer = SocketMissingError("none")
    followed, seen = follower(said)
    task = asyncio.create_task(followed.run())
    await asyncio.sleep(60.0)
    assert 6 <= said.asked <= 14
    assert len(seen) == 1
    task.cancel()


async def test_a_real_socket_that_goes_and_comes_back(kubelet):
    clock = FakeClock()
    kubelet.pods = [pod("chat-0", ("nvidia.com/gpu", "GPU-0"))]
    kubelet.offers = [devices("nvidia.com/gpu", "GPU-0", "GPU-1")]
    followed, _ = follower(KubeletSocket(kubelet.path, 2.0), clock)
    assert await followed.look()
    assert dict(followed.holdings.holders) == HELD
    kubelet.stop()
    clock.advance(61.0)
    assert not await followed.look()
    assert (followed.holdings.known, followed.holdings.reason) == (False, "SocketMissing")
    kubelet.start()
    assert await followed.look()
    kubelet.refuses["List"] = grpc.StatusCode.RESOURCE_EXHAUSTED
    assert not await followed.look()
    assert dict(followed.holdings.holders) == HELD
