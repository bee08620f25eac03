"""A store that was set back shows grants of the past; the agent falls to base until a newer one comes."""

import pytest

from nodeagent.obedience.intake import take_in
from nodeagent.obedience.memory import Memory
from tests.unit.nodeagent.grants import budget, frequencies

HELD = Memory(uid="u1", budget=budget(sequence=5, grant=3000))

STEPS_BACK = {
    "a lower sequence": budget(sequence=4, grant=4000),
    "the same sequence with a larger grant": budget(sequence=5, grant=4000),
    "the same sequence with another base": budget(sequence=5, grant=3000, base=2500),
    "the same sequence under another domain": budget(sequence=5, grant=3000, domain="row-2"),
}


@pytest.mark.parametrize("seen", STEPS_BACK.values(), ids=STEPS_BACK)
def test_a_step_back_is_read_again_and_then_trusted_no_more(seen):
    lagging = take_in(HELD, frequencies(seen), consistent=False)
    assert lagging.read_again
    assert lagging.memory == HELD

    sure = take_in(HELD, frequencies(seen), consistent=True)
    assert sure.memory is not None
    assert not sure.memory.trusted


def test_a_newer_grant_is_trusted_again():
    fallen = take_in(HELD, frequencies(budget(sequence=5, grant=4000)), consistent=True).memory
    newer = take_in(fallen, frequencies(budget(sequence=6, grant=3500)), consistent=False).memory
    assert newer is not None
    assert newer.trusted
    assert newer.budget.grant_watts == 3500


def test_the_same_grant_changes_nothing():
    assert take_in(HELD, frequencies(HELD.budget), consistent=False).memory == HELD
