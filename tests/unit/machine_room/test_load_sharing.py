"""Pods start with a step of power, then share their workload's requests equally."""

from __future__ import annotations

import pytest

from common.twin.gpu_model import IDLE
from tests.unit.machine_room.rooms_for_tests import pod, run, small_room


def test_running_pods_share_the_requests_equally() -> None:
    room = small_room()
    for index in range(3):
        room.admit(pod(f"p{index}", node=f"node-{index % 2 + 1}"))
    run(room, 22.0)
    served = [
        tenant.replica.requests_total + tenant.replica.requests_running for tenant in room.tenants.values()
    ]
    assert served == pytest.approx([20.0 * 20.0 / 3] * 3, rel=0.02)


def test_a_starting_pod_draws_and_does_not_serve() -> None:
    room = small_room(start_seconds=5.0)
    room.admit(pod("p0"))
    run(room, 3.0)
    tenant = room.tenants["llm/p0"]
    assert not tenant.is_serving
    assert tenant.true_draw_watts > 350.0
    assert tenant.replica.requests_waiting == 0.0


def test_a_pod_holds_gpus_from_its_binding_and_starts_when_it_runs() -> None:
    room = small_room(nodes=1)
    room.admit(pod("waiting", gpus=2, is_running=False))
    room.admit(pod("other"))
    assert room.tenants == {}
    room.admit(pod("waiting", gpus=2))
    assert list(room.tenants) == ["llm/waiting"]


def test_a_pod_that_leaves_frees_its_gpus_for_the_next() -> None:
    room = small_room(nodes=1)
    room.admit(pod("old", gpus=2))
    run(room, 3.0)
    room.admit(pod("new"))
    assert list(room.tenants) == ["llm/old"]
    room.dismiss("llm/old")
    assert all(gpu.load == IDLE for gpu in room.drivers["node-1"].node.gpus)
    room.admit(pod("new"))
    assert list(room.tenants) == ["llm/new"]


def test_a_pod_made_anew_under_its_old_name_starts_anew() -> None:
    room = small_room(nodes=1)
    room.admit(pod("p0"))
    run(room, 3.0)
    room.admit(pod("p0", uid="another"))
    assert not room.tenants["llm/p0"].is_serving


def test_pods_of_other_nodes_are_none_of_ours() -> None:
    room = small_room()
    room.admit(pod("p0", node="elsewhere"))
    assert room.tenants == {}


def test_a_workload_without_requests_trains() -> None:
    room = small_room(nodes=1)
    room.admit(pod("job", workload="finetune"))
    run(room, 3.0)
    tenant = room.tenants["llm/job"]
    assert tenant.true_draw_watts > 550.0
    assert not tenant.is_serving


def test_a_reboot_starts_the_nodes_pods_anew() -> None:
    room = small_room()
    room.admit(pod("p0", node="node-1"))
    room.admit(pod("p1", node="node-2"))
    run(room, 4.0)
    before = room.drivers["node-1"].node.boot_id
    assert room.reboot("node-1") != before
    assert [tenant.is_serving for tenant in room.tenants.values()] == [False, True]


def test_capped_gpus_make_requests_wait() -> None:
    free, capped = small_room(nodes=1), small_room(nodes=1)
    for room in (free, capped):
        room.admit(pod("p0"))
    for gpu in capped.drivers["node-1"].node.gpus:
        gpu.set_power_limit(200.0)
    for room in (free, capped):
        room.playback.start(0.0, offset_seconds=10.0)
        run(room, 20.0)
    waiting = [room.tenants["llm/p0"].replica.requests_waiting for room in (free, capped)]
    assert waiting[1] > waiting[0] + 100


def test_the_same_seed_and_pods_give_the_same_watts() -> None:
    def history() -> list[float]:
        room = small_room()
        room.admit(pod("p0", gpus=2))
        watts = []
        for _ in range(500):
            room.step(0.02)
            watts.append(room.true_draw_watts)
        return watts

    assert history() == history()
