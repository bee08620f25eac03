"""Each binary is killed with SIGKILL in the middle of the loop and started again, on the whole real stack.

While it is gone the cap holds (judged on the true draw of the simulated devices); when it is back the loop
goes on without anybody's help: a cap that is moved afterwards reaches every device.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from deploy.local.demo.objects import CAP_WATTS, CAP_WATTS_AFTER_CUT, POWER_OBJECTS
from deploy.local.stack import ACTUATOR, ADMISSION, RECOMMENDER, Stack, agent_name
from tests.e2e.loop import Loop


@pytest.fixture(scope="module")
def loop(stack: Stack) -> Iterator[Loop]:
    loop = Loop(stack)
    stack.cluster.kubectl("apply", "-f", str(POWER_OBJECTS))
    loop.set_cap(CAP_WATTS)
    loop.wait(loop.settled, "first grants", 60)
    loop.start_services()
    yield loop
    loop.close()


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
    assert loop.hardware.differences(), "nothing was ever set, so there is nothing to give back"
    loop.delete_all()
    assert not loop.hardware.differences()
