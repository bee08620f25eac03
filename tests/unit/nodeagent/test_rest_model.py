"""What is kept of a budget for the rest is enough for any draw that is left to devices, and no watt more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeagent.guard.rest import RestModel, RestStep, fixed_rest

WATTS = st.integers(0, 20_000)


@st.composite
def models(draw):
    highest = draw(st.integers(0, 5000))
    seen = draw(st.integers(0, highest))
    lasted = draw(st.integers(0, 12_000))
    edges = draw(st.lists(st.integers(0, max(lasted - 1, 0)), max_size=4, unique=True).map(sorted))
    watts = sorted(draw(st.integers(0, max(seen - 1, 0))) for _ in edges)
    steps = tuple(RestStep(*step) for step in zip(edges, watts, strict=True) if step[0] < lasted)
    return RestModel(seen, lasted, draw(st.sampled_from([0.0, 0.07, 0.2, 1.0])), highest, steps)


@given(model=models(), budget=WATTS)
def test_devices_and_the_rest_beside_them_fit_the_budget(model, budget):
    left = budget - model.aside_watts(budget)
    assert left + model.bound_watts(left) <= budget
    assert left + 1 + model.bound_watts(left + 1) > budget


@given(model=models(), low=WATTS, more=WATTS)
def test_the_bound_never_falls_when_devices_draw_more_nor_passes_the_highest(model, low, more):
    assert model.bound_watts(low) <= model.bound_watts(low + more) <= model.highest_watts


@pytest.mark.parametrize(
    ("budget", "aside"),
    [(4000, 1000), (3000, 1000), (4600, 1100), (9000, 1500)],
    ids=["as far as seen", "less than seen", "beyond what was seen", "not over the highest"],
)
def test_what_is_set_aside(budget, aside):
    assert RestModel(1000, 3000, 0.2, 1500).aside_watts(budget) == aside


def test_a_rest_of_which_only_the_highest_is_known_takes_that_from_every_budget():
    assert [fixed_rest(900).aside_watts(budget) for budget in (500, 5000)] == [900, 900]
