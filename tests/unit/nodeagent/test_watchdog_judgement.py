"""The watchdog acts only when the agent is silent and nobody vouches for the grant any more."""

import math

import pytest

from nodeagent.state.pulse import Pulse
from nodeagent.watchdog.holding import Holding
from nodeagent.watchdog.judgement import Now, why_lower

HELD = Holding(base_watts=800, lease_seconds=600, devices=frozenset({"GPU-0"}))


def why(holding, pulse, seconds, *, since=0.0, boot_id="b1"):
    return why_lower(holding, pulse, Now(boot_id, seconds, since), silence_seconds=10.0)


CASES = {
    "nothing is held": (None, Pulse("b1", 0.0, 0.0), 10_000.0, False),
    "alive, lease runs": (HELD, Pulse("b1", 999.0, 1500.0), 1000.0, False),
    "alive, lease over: the agent's own duty": (HELD, Pulse("b1", 995.0, 900.0), 1000.0, False),
    "silent, lease runs": (HELD, Pulse("b1", 900.0, 1500.0), 1000.0, False),
    "silent, lease over": (HELD, Pulse("b1", 900.0, 999.0), 1000.0, True),
    "silent, no lease": (HELD, Pulse("b1", 0.0, math.inf), 10_000.0, False),
    "silent for exactly so long": (HELD, Pulse("b1", 990.0, 999.0), 1000.0, True),
    "never a sign, less than a lease": (HELD, None, 599.0, False),
    "never a sign for a whole lease": (HELD, None, 600.0, True),
    "rebooted, an agent may still come": (HELD, Pulse("b0", 900.0, 1500.0), 9.0, False),
    "rebooted, no agent came": (HELD, Pulse("b0", 900.0, 1500.0), 11.0, True),
}


@pytest.mark.parametrize(("holding", "pulse", "seconds", "acts"), CASES.values(), ids=CASES)
def test_judgement(holding, pulse, seconds, acts):
    assert bool(why(holding, pulse, seconds)) is acts


def test_a_watchdog_that_starts_late_gives_a_rebooted_nodes_agent_its_time():
    assert not why(HELD, Pulse("b0", 900.0, 1500.0), 1000.0, since=995.0)
