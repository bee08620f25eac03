"""What the agent hears from the kubelet's socket: a real gRPC server, and all that can be wrong with it."""

import asyncio
import subprocess
import sys

import grpc
import pytest

from nodeagent.pods.errors import (
    KubeletRefusedError,
    KubeletSilentError,
    SocketMissingError,
    UnreadableAnswerError,
)
from nodeagent.pods.kubelet import KubeletSocket
from nodeagent.pods.messages import Allocation, Offer, read_list
from tests.fakes.kubelet import devices, pod


async def test_list_says_which_container_holds_which_device(kubelet):
    kubelet.pods = [
        pod("chat-0", ("nvidia.com/gpu", "GPU-a", "GPU-b"), ("rdma/hca", "mlx5_0")),
        pod("idle"),
    ]
    found = await KubeletSocket(kubelet.path, 2.0).held()
    assert found == [
        Allocation("llm", "chat-0", "server", "nvidia.com/gpu", ("GPU-a", "GPU-b")),
        Allocation("llm", "chat-0", "server", "rdma/hca", ("mlx5_0",)),
    ]


async def test_allocatable_says_what_can_be_held(kubelet):
    kubelet.offers = [devices("nvidia.com/gpu", "GPU-a", "GPU-b")]
    assert await KubeletSocket(kubelet.path, 2.0).offered() == [Offer("nvidia.com/gpu", ("GPU-a", "GPU-b"))]


async def test_the_same_answer_is_decoded_once_and_another_one_anew(kubelet, monkeypatch):
    decoded = []
    monkeypatch.setattr("nodeagent.pods.kubelet.read_list", lambda m: decoded.append(m) or read_list(m))
    socket = KubeletSocket(kubelet.path, 2.0)
    kubelet.pods = [pod("chat-0", ("nvidia.com/gpu", "GPU-a"))]
    assert [found.pod for found in await socket.held()] == ["chat-0"]
    assert [found.pod for found in await socket.held()] == ["chat-0"]
    kubelet.pods = [pod("chat-1", ("nvidia.com/gpu", "GPU-a"))]
    assert [found.pod for found in await socket.held()] == ["chat-1"]
    assert len(decoded) == 2


async def test_an_empty_node_has_an_empty_list(kubelet):
    assert await KubeletSocket(kubelet.path, 2.0).held() == []


async def test_a_long_list_comes_through_whole(kubelet):
    """Longer than HTTP/2's first window of 65,535 bytes: it must be opened again and again."""
    kubelet.pods = [pod(f"pod-{n:04}", ("nvidia.com/gpu", f"GPU-{n:036}")) for n in range(5000)]
    found = await KubeletSocket(kubelet.path, 10.0).held()
    assert [(found[n].pod, found[n].device_ids) for n in (0, 4999)] == [
        ("pod-0000", (f"GPU-{0:036}",)),
        ("pod-4999", (f"GPU-{4999:036}",)),
    ]
    assert len(found) == 5000


async def test_no_socket_names_the_folder_to_mount(tmp_path):
    with pytest.raises(SocketMissingError, match="pod-resources folder"):
        await KubeletSocket(tmp_path / "none.sock", 1.0).held()


async def test_a_socket_that_a_dead_kubelet_left_behind(tmp_path):
    path = tmp_path / "kubelet.sock"
    server = await asyncio.start_unix_server(lambda r, w: None, path)
    server.close()
    path.touch()
    with pytest.raises(SocketMissingError, match=r"kubelet\.sock"):
        await KubeletSocket(path, 1.0).held()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (grpc.StatusCode.UNIMPLEMENTED, "UNIMPLEMENTED"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"),
        (grpc.StatusCode.INTERNAL, "INTERNAL"),
    ],
)
async def test_a_refusal_has_its_grpc_status_and_message(kubelet, code, name):
    kubelet.refuses["List"] = code
    with pytest.raises(KubeletRefusedError, match="as the test asked") as caught:
        await KubeletSocket(kubelet.path, 2.0).held()
    assert caught.value.status == name


async def test_a_kubelet_that_hangs_costs_the_deadline_and_no_more(kubelet):
    kubelet.hangs.set()
    loop = asyncio.get_running_loop()
    started = loop.time()
    with pytest.raises(KubeletSilentError):
        await KubeletSocket(kubelet.path, 0.2).held()
    assert loop.time() - started < 2.0


async def test_an_answer_that_is_no_message(kubelet):
    kubelet.raw = b"\x0a\xff"
    with pytest.raises(UnreadableAnswerError, match="List"):
        await KubeletSocket(kubelet.path, 2.0).held()


@pytest.mark.parametrize(
    "said",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 200, b"", b"SSH-2.0-x\r\n"],
    ids=["http/1.1", "zeros", "nothing", "ssh"],
)
async def test_something_else_at_the_path(tmp_path, said):
    path = tmp_path / "kubelet.sock"

    async def answer(reader, writer):
        await reader.read(24)
        writer.write(said)
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, path)
    try:
        with pytest.raises((UnreadableAnswerError, SocketMissingError)):
            await KubeletSocket(path, 2.0).held()
    finally:
        server.close()


def test_the_library_is_loaded_only_where_there_is_a_socket():
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "import nodeagent.app\n"
        "from nodeagent.pods.kubelet import KubeletSocket\n"
        "try: asyncio.run(KubeletSocket(Path('/nonexistent'), 1.0).held())\n"
        "except Exception as error: print(type(error).__name__)\n"
        "print([name for name in ('h2', 'hpack', 'grpc', 'google.protobuf') if name in sys.modules])\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.split("\n")[:2] == ["SocketMissingError", "[]"]
