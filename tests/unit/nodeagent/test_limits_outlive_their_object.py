"""A grant's object is lost, or goes back, without a release: the node keeps its limits (rules 3 and 5)."""

import pytest

from nodeagent.obedience.machine import Obedience
from tests.unit.nodeagent.grants import at, budget, domain, domains, frequencies

NAMEPLATE = 10_000
FIRST = budget(1, grant=NAMEPLATE, base=NAMEPLATE)


def watts(agent):
    return agent.decide(domains(domain()), at(), "boot", NAMEPLATE).budget_watts


def held():
    """An agent that obeys a grant of 4,000 W over a base of 2,000 W."""
    agent = Obedience(None, ramp_seconds=0.0)
    agent.see(frequencies(budget(7, grant=4000, base=2000)), consistent=True)
    return agent


def test_a_node_that_was_never_held_is_introduced_at_its_nameplate():
    agent = Obedience(None, ramp_seconds=0.0)
    agent.see(frequencies(FIRST), consistent=True)
    assert watts(agent) == NAMEPLATE


@pytest.mark.parametrize(
    "seen",
    [
        [frequencies(FIRST, uid="u2")],
        [frequencies(FIRST, uid="u2"), frequencies(budget(2, NAMEPLATE, NAMEPLATE), uid="u2")],
        [frequencies(budget(3, NAMEPLATE, NAMEPLATE))],
        [frequencies(budget(3, 4000, 2000)), frequencies(budget(8, NAMEPLATE, NAMEPLATE))],
    ],
    ids=["made anew", "made anew and stamped", "gone back", "gone back and stamped"],
)
def test_one_that_was_held_stays_at_its_base_while_it_is_only_introduced(seen):
    agent = held()
    for item in seen:
        agent.see(item, consistent=True)
    assert watts(agent) == 2000


def test_a_stamp_that_comes_before_the_step_back_was_seen_gives_nothing_either():
    agent = held()
    agent.see(frequencies(budget(10**6, NAMEPLATE, NAMEPLATE)), consistent=False)
    assert watts(agent) == 4000


def test_a_grant_that_was_made_room_for_ends_it():
    agent = held()
    agent.see(frequencies(FIRST, uid="u2"), consistent=True)
    agent.see(frequencies(budget(2, grant=5000, base=3000), uid="u2"), consistent=True)
    assert watts(agent) == 5000


def test_a_restart_in_between_changes_nothing():
    agent = held()
    agent.see(frequencies(FIRST, uid="u2"), consistent=True)
    again = Obedience(agent.memory, ramp_seconds=0.0)
    again.see(frequencies(budget(2, NAMEPLATE, NAMEPLATE), uid="u2"), consistent=True)
    assert watts(again) == 2000


def test_a_release_ends_it():
    agent = held()
    agent.released()
    agent.see(frequencies(FIRST, uid="u2"), consistent=True)
    assert watts(agent) == NAMEPLATE
