"""Agent and watchdog as processes of their own: whatever becomes of the agent, base holds after the lease."""

import signal
import time

import pytest

from tests.cluster.nodeagent.conftest import BASE

LEASE_SECONDS = 15


@pytest.fixture
def held(bench):
    bench.lease_seconds = LEASE_SECONDS
    bench.make_domain(7000)
    bench.make_object()
    bench.start_agent()
    bench.grant(4000)
    bench.until(bench.confirmed, "confirmation", 20)
    bench.start_watchdog()
    return bench


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_limits_go_to_base_after_the_lease_and_the_agent_that_comes_back_adopts_them(held, number):
    held.make_heartbeat(7000)
    held.until(lambda: held.exposed_watts() > BASE + 100, "limits over base", 15)
    held.agent.signal(number)
    lasted = held.until(lambda: held.exposed_watts() <= BASE, "base", LEASE_SECONDS + 10)
    assert lasted >= 2
    if number == signal.SIGSTOP:
        held.agent.signal(signal.SIGCONT)
    else:
        held.start_agent()
    for _ in range(20):
        assert held.exposed_watts() <= BASE
        time.sleep(0.1)
    held.make_heartbeat(7000)
    held.until(lambda: held.condition("BudgetObeyed")["reason"] == "ComingBack", "the way back", 10)
    assert not any(gpu["status"] == "Failed" for gpu in held.status["gpus"])
