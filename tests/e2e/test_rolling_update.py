"""Every node agent is restarted, one after the other, while the load is at the cap: nothing is let go of."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from statistics import fmean

import pytest

from common.twin.wire import AdminClient, NodeInventory, TwinClient
from deploy.local.demo.hardware import node_model
from deploy.local.demo.objects import CAP_WATTS_AFTER_CUT, DOMAIN
from deploy.local.demo.physics import windows
from deploy.local.demo.record import read_slices
from deploy.local.stack import Stack, agent_name
from tests.e2e.loop import Loop

CAP = CAP_WATTS_AFTER_CUT
ALONE = f"""
apiVersion: climatik.io/v1alpha1
kind: PowerDomain
metadata: {{name: {DOMAIN}}}
spec:
  nodeSelector: {{}}
  capWatts: {CAP}
  minimumCapWatts: 9200
  updatePolicy: {{updateMode: Auto}}
"""
FULL = 0.75
SERVICES = ("vllm-chat", "vllm-code")


class Watch:
    """Adds up what the limits in force allow, past every agent: each node's of one moment."""

    def __init__(self, stack: Stack) -> None:
        self.highest_watts = 0.0
        self.samples = 0
        self._admin = AdminClient(stack.machine_room_socket)
        self._nodes = {name: discovered(stack, name) for name in stack.nodes}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._admin.close()

    def _run(self) -> None:
        while not self._ended.wait(0.02):
            self.highest_watts = max(self.highest_watts, sum(map(self._allowed_watts, self._nodes)))
            self.samples += 1

    def _allowed_watts(self, name: str) -> float:
        found, limits = self._nodes[name], self._admin.truth(name).limits_watts
        gpus = sum(limits[gpu.uuid] for gpu in found.gpus)
        packages = sum(limits[package.device] for package in found.packages)
        return node_model(found).exposed_watts(gpus, packages)


def discovered(stack: Stack, node: str) -> NodeInventory:
    with TwinClient(stack.machine_room_socket, node) as driver:
        return driver.discover()


@pytest.fixture
def loop(stack: Stack) -> Iterator[Loop]:
    """Services that would draw more than the cap, which no policy but the domain holds them to."""
    loop = Loop(stack)
    loop.start_services()
    with AdminClient(stack.machine_room_socket) as admin:
        try:
            for workload in SERVICES:
                admin.set_load(workload, 3.0)
            began = time.time()
            loop.wait(lambda: highest_draw(loop, began) > 1.1 * CAP, "a load over the cap", 60)
            stack.cluster.kubectl("apply", "-f", "-", input=ALONE)
            loop.set_cap(CAP)
            loop.wait(loop.settled, "first grants", 60)
            loop.wait(lambda: highest_draw(loop, time.time() - 3) > FULL * CAP, "a draw near the cap", 60)
            yield loop
        finally:
            for workload in SERVICES:
                admin.set_load(workload, None)
            loop.delete_all()
            loop.close()


def limits(stack: Stack, node: str) -> dict[str, float]:
    with AdminClient(stack.machine_room_socket) as admin:
        return admin.truth(node).limits_watts


def draws(loop: Loop, since: float) -> list[float]:
    """Mean draws over every second since then."""
    return [window.watts for window in windows(read_slices(loop.stack.records)) if window.start >= since]


def highest_draw(loop: Loop, since: float) -> float:
    return max(draws(loop, since), default=0.0)


def test_no_agent_lets_go_while_all_are_updated_under_a_full_cap(loop: Loop) -> None:
    stack = loop.stack
    since = time.time()
    with Watch(stack) as watch:
        for node in stack.nodes:
            before = limits(stack, node)
            stack.stop_binary(agent_name(node))
            assert limits(stack, node) == before, "a stop leaves limits as set"
            stack.start_binary(agent_name(node))
            stack.wait_ready(agent_name(node))
        loop.wait(loop.settled, "a settled loop after the update")
    # Limits charge the budget with excursions and idle packages: what is drawn stays somewhat under it.
    assert fmean(draws(loop, since)) > FULL * CAP, "the update must be under load to prove anything"
    assert highest_draw(loop, since) <= CAP
    assert watch.highest_watts <= CAP + 0.5
    assert watch.samples > 20
    assert loop.watt_seconds_over_cap(since) == 0
