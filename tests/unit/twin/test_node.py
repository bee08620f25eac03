"""Nodes: what they draw as a whole, what a boot and a driver's load take away, and what a seed decides."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.twin.gpu_model import A100, IDLE, Load
from common.twin.node import NodeModel, SimulatedNode

SMALL = NodeModel(gpu_model=A100, gpu_count=2)


def run(node: SimulatedNode, seconds: float) -> list[float]:
    watts = []
    for _ in range(round(seconds / 0.02)):
        node.step(0.02)
        watts.append(node.true_draw_watts)
    return watts


def test_a_node_draws_what_its_parts_draw() -> None:
    node = SimulatedNode("node-1", SMALL)
    node.gpus[0].load = Load(0.8, 0.1)
    run(node, 1.0)
    parts = sum(device.true_draw_watts for device in node.devices.values()) + node.rest_watts
    assert node.true_draw_watts == pytest.approx(parts)


@settings(max_examples=30)
@given(loads=st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_the_rest_of_the_node_stays_within_its_bound(loads: list[float]) -> None:
    node = SimulatedNode("node-1", SMALL)
    for load in loads:
        for gpu in node.gpus:
            gpu.load = Load(load, 0.0)
        for _ in range(10):
            node.step(0.02)
            assert node.rest_watts <= SMALL.rest_bound_watts
            assert node.metered_rest_watts <= SMALL.rest_bound_watts


def test_an_eight_gpu_server_idles_and_peaks_where_real_ones_do() -> None:
    node = SimulatedNode("node-1", NodeModel())
    idle = run(node, 1.0)[-1]
    for gpu in node.gpus:
        gpu.load = Load(1.0, 0.0)
    peak = run(node, 5.0)[-1]
    assert 1800 < idle < 2700
    assert 6400 < peak < 10_200


def test_the_same_seed_gives_the_same_history() -> None:
    def history(seed: int) -> list[tuple[float, float, str]]:
        node = SimulatedNode("node-1", SMALL, seed)
        seen = []
        for step in range(300):
            node.gpus[0].load = Load(step % 7 / 7, 0.1)
            node.step(0.02)
            seen.append((node.true_draw_watts, node.gpus[0].draw_watts, node.boot_id))
        return seen

    assert history(3) == history(3)
    assert history(3) != history(4)


def test_devices_of_different_nodes_differ_in_name() -> None:
    uuids = [gpu.uuid for name in ("a", "b") for gpu in SimulatedNode(name, SMALL).gpus]
    assert len(set(uuids)) == 4
    assert all(uuid.startswith("GPU-") and len(uuid) == 40 for uuid in uuids)


def set_all(node: SimulatedNode) -> None:
    for gpu in node.gpus:
        gpu.set_power_limit(150.0)
        gpu.set_clock_lock(900)
    node.packages[0].set_power_limit(200.0)


def test_a_reboot_takes_settings_loads_and_the_boot_id() -> None:
    node = SimulatedNode("node-1", SMALL)
    node.gpus[0].load = Load(1.0, 0.0)
    set_all(node)
    before = node.boot_id
    run(node, 1.0)
    node.reboot()
    assert node.boot_id != before
    assert node.uptime_seconds == 0.0
    assert node.gpus[0].load == IDLE
    assert node.gpus[0].energy_millijoules == 0
    assert node.settings() == SimulatedNode("node-1", SMALL).settings()


def test_a_drivers_load_takes_gpu_settings_alone() -> None:
    node = SimulatedNode("node-1", SMALL)
    set_all(node)
    before = node.boot_id
    node.reload_driver()
    assert node.boot_id == before
    assert {gpu.requested_limit_watts for gpu in node.gpus} == {400.0}
    assert {gpu.clock_lock_mhz for gpu in node.gpus} == {None}
    assert node.packages[0].requested_limit_watts == 200.0


def test_a_node_without_gpus_works() -> None:
    node = SimulatedNode("cpu-1", NodeModel(gpu_count=0))
    run(node, 0.1)
    assert node.true_draw_watts > 300.0
