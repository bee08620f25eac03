"""What stopping a pod frees once its neighbours have taken what they wanted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actuator.ladder.relief import PodDraw, relief_watts

FULL = PodDraw(300, 300)
CASES = {
    "nobody else": ([], True, 300),
    "a sated neighbour": ([FULL], True, 300),
    "a hungry neighbour": ([PodDraw(200, 320)], True, 180),
    "neighbours who take it all": ([PodDraw(200, 400), PodDraw(100, 300)], True, 0),
    "hungry, but held by a limit of its own": ([PodDraw(200, 400)], False, 300),
}


@pytest.mark.parametrize("name", CASES)
def test_the_relief(name: str) -> None:
    neighbours, shared, watts = CASES[name]
    assert relief_watts(FULL, neighbours, shared_budget=shared) == watts


draws = st.builds(PodDraw, st.integers(0, 500), st.integers(0, 800))


@given(draws, st.lists(draws, max_size=5))
def test_it_is_what_a_node_under_a_budget_does(pod: PodDraw, others: list[PodDraw]) -> None:
    """Against a plain simulation: the budget is what all draw now, handed out again without the pod."""
    before = pod.watts + sum(one.watts for one in others)
    wanted = sum(max(one.watts, one.wanted_watts) for one in others)
    assert relief_watts(pod, others, shared_budget=True) == before - min(before, wanted)
