"""Each binary is killed with SIGKILL in the middle of the loop and started again, on the whole real stack.

While it is gone the cap holds (judged on the true draw of the simulated devices); when it is back the loop
goes on without anybody's help: a cap that is moved afterwards reaches every device.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from deploy.local.demo.hardware import Hardware
from deploy.local.demo.objects import (
    CAP_WATTS,
    CAP_WATTS_AFTER_CUT,
    EXAMPLE_NAMESPACE,
    EXAMPLE_SERVICES,
    POWER_OBJECTS,
    REPLICAS,
)
from deploy.local.demo.physics import CapStep, judge
from deploy.local.demo.record import read_slices
from deploy.local.processes import wait_until
from deploy.local.stack import ACTUATOR, ADMISSION, RECOMMENDER, Stack, agent_name

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


class Loop:
    """The running product, and the caps that it was told, for the judge."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.hardware = Hardware(stack.machine_room_socket, stack.nodes)
        self.caps: list[CapStep] = []

    def set_cap(self, watts: int) -> None:
        self.caps.append(CapStep(time.time(), watts))
        patch = json.dumps({"spec": {"capWatts": watts}})
        self.stack.cluster.kubectl("patch", "pd", "cluster", "--type=merge", f"--patch={patch}")

    def enforcement(self) -> dict[str, int]:
        domain = json.loads(self.stack.cluster.kubectl("get", "pd", "cluster", "-o", "json"))
        found: dict[str, int] = domain.get("status", {}).get("enforcement", {})
        return found

    def budgets(self) -> list[tuple[dict[str, int], dict[str, int]]]:
        items = json.loads(self.stack.cluster.kubectl("get", "nf", "-o", "json"))["items"]
        return [
            (item["spec"].get("powerBudget", {}), item.get("status", {}).get("powerBudget", {}))
            for item in items
        ]

    def settled(self) -> bool:
        """Whether every grant is confirmed and the limits in force fit the cap that was told last."""
        budgets = self.budgets()
        confirmed = [spec and spec["sequence"] == status.get("sequence") for spec, status in budgets]
        told = self.enforcement().get("effectiveCapWatts") == self.caps[-1].cap_watts
        fits = self.hardware.exposure_watts() <= self.caps[-1].cap_watts + 0.5
        return told and fits and len(confirmed) == len(self.stack.nodes) and all(confirmed)

    def granted_watts(self) -> int:
        return sum(spec.get("grantWatts", 0) for spec, _ in self.budgets())

    def wait(self, condition: object, what: str, seconds: float = 30) -> None:
        assert callable(condition)
        wait_until(lambda: bool(condition()), what, timeout_seconds=seconds, check=self.stack.check)

    def watt_seconds_over_cap(self, since: float) -> float:
        return judge(read_slices(self.stack.records), self.caps, since).watt_seconds_over_cap


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with Stack(tmp_path_factory.mktemp("stack")) as stack:
        loop = Loop(stack)
        kubectl = stack.cluster.kubectl
        kubectl("apply", "-f", str(EXAMPLE_NAMESPACE))
        kubectl("apply", "-f", str(POWER_OBJECTS))
        loop.set_cap(CAP_WATTS)
        loop.wait(loop.settled, "first grants", 60)
        kubectl("apply", "-f", str(EXAMPLE_SERVICES))
        for deployment, replicas in REPLICAS.items():
            kubectl("scale", "deployment", deployment, "-n", "llm", f"--replicas={replicas}")
        loop.hardware.start_trace(1.0, 40.0)
        yield loop
        loop.hardware.close()


@pytest.mark.parametrize("binary", [RECOMMENDER, ACTUATOR, ADMISSION, agent_name("gpu-node-1")])
def test_the_cap_holds_while_a_binary_is_dead_and_the_loop_recovers(loop: Loop, binary: str) -> None:
    loop.set_cap(CAP_WATTS)
    loop.wait(loop.settled, "a settled loop")
    loop.hardware.start_trace(1.0, 40.0)
    since = time.time()

    loop.stack.kill_binary(binary)
    time.sleep(4)  # real time on purpose: the devices go on drawing while the binary is gone
    loop.stack.start_binary(binary)
    loop.stack.wait_ready(binary)

    loop.set_cap(CAP_WATTS_AFTER_CUT)
    loop.wait(loop.settled, f"the cut after {binary} came back")
    loop.wait(lambda: loop.granted_watts() <= CAP_WATTS_AFTER_CUT, "grants under the cut cap")
    loop.set_cap(CAP_WATTS)
    loop.wait(lambda: loop.granted_watts() > CAP_WATTS_AFTER_CUT, "grants raised again")
    loop.wait(loop.settled, "raised grants confirmed")

    assert loop.watt_seconds_over_cap(since) == 0


def test_everything_killed_at_once_comes_back_by_itself(loop: Loop) -> None:
    loop.set_cap(CAP_WATTS)
    loop.wait(loop.settled, "a settled loop")
    since = time.time()
    names = loop.stack.binaries
    for name in names:
        loop.stack.kill_binary(name)
    time.sleep(3)
    for name in names:
        loop.stack.start_binary(name)
    for name in names:
        loop.stack.wait_ready(name)
    loop.set_cap(CAP_WATTS_AFTER_CUT)
    loop.wait(loop.settled, "the cut after everything came back")
    assert loop.watt_seconds_over_cap(since) == 0


def test_deleting_the_domains_gives_every_device_back_as_it_was_found(loop: Loop) -> None:
    kubectl = loop.stack.cluster.kubectl
    assert loop.hardware.differences(), "nothing was ever set, so there is nothing to give back"
    kubectl("delete", "powercappingpolicies", "--all", "-n", "llm")
    kubectl("delete", "powerdomains", "--all", "--wait=false")
    loop.wait(lambda: not loop.hardware.differences(), "settings as found", 40)
    kubectl("wait", "--for=delete", "powerdomains", "--all", "--timeout=30s")
