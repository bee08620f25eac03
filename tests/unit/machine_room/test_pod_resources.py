"""The room's kubelets tell an agent which pod is on which simulated GPU, each for its own node."""

from pathlib import Path

import pytest

from deploy.local.machine_room.podresources import serving
from nodeagent.pods.errors import SocketMissingError
from nodeagent.pods.kubelet import KubeletSocket
from tests.unit.machine_room.rooms_for_tests import pod, small_room


async def test_each_kubelet_speaks_of_its_own_node(tmp_path: Path) -> None:
    room = small_room()
    uuids = {name: [gpu.uuid for gpu in driver.node.gpus] for name, driver in room.drivers.items()}
    async with serving(room, tmp_path):
        one, two = (KubeletSocket(tmp_path / f"{name}.sock", 2.0) for name in ("node-1", "node-2"))
        assert await one.held() == []
        room.admit(pod("chat-0", gpus=2))
        room.admit(pod("waits", node="node-2", is_running=False))
        room.admit(pod("chat-1", node="node-2"))
        found = await one.held()
        assert [(a.namespace, a.pod, a.container, a.resource) for a in found] == [
            ("llm", "chat-0", "vllm", "nvidia.com/gpu")
        ]
        assert list(found[0].device_ids) == uuids["node-1"]
        assert [a.pod for a in await two.held()] == ["chat-1"]
        assert [list(offer.device_ids) for offer in await two.offered()] == [uuids["node-2"]]
        room.dismiss("llm/chat-0")
        assert await one.held() == []
    with pytest.raises(SocketMissingError):
        await one.held()
