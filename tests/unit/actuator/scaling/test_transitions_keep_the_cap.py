"""From one set of ceilings to the next, the sum of bookings never rises over the cap, whatever pods do."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from actuator.scaling.transition import Service, next_steps
from common.api.core import ObjectReference

WATTS = 100


def service(name: str, bound: int, wanted: int, alive: int, **more: int | bool) -> Service:
    owner = ObjectReference(api_version="apps/v1", kind="Deployment", name=name, namespace="ns")
    return Service(owner, bound, wanted, alive, **{"watts": WATTS, **more})


def steps(cap: int | None, *services: Service) -> dict[str, int]:
    return {step.service.owner.name: step.ceiling for step in next_steps(cap, services)}


def test_what_is_too_high_is_lowered_at_once() -> None:
    assert steps(300, service("a", 6, 1, 6), service("b", 6, 2, 6)) == {"a": 1, "b": 2}


def test_a_raise_waits_for_the_pods_of_the_lowered() -> None:
    lowered = service("a", bound=1, wanted=1, alive=3)
    assert steps(400, lowered, service("b", 1, 3, 1)) == {}
    assert steps(400, replace(lowered, alive=2), service("b", 1, 3, 1)) == {"b": 2}
    assert steps(400, replace(lowered, alive=1), service("b", 1, 3, 1)) == {"b": 3}


def test_a_ceiling_that_is_lowered_in_this_round_still_counts() -> None:
    assert steps(400, service("a", 3, 1, alive=0), service("b", 1, 3, 1)) == {"a": 1}


def test_a_rollout_counts_with_its_surge() -> None:
    assert steps(400, service("a", 2, 3, alive=2, surge=1)) == {"a": 3}
    assert steps(300, service("a", 2, 3, alive=2, surge=1)) == {}


def test_what_the_advice_names_is_raised_before_the_rest() -> None:
    rest = service("a", 0, 2, 0, advised=False)
    assert steps(300, rest, service("b", 1, 3, 1)) == {"b": 3}


def test_without_a_cap_everything_is_raised() -> None:
    assert steps(None, service("a", 1, 9, 1)) == {"a": 9}


def test_without_watts_nothing_holds_a_raise_back() -> None:
    assert steps(0, service("a", 1, 9, 1, watts=0)) == {"a": 9}


@st.composite
def histories(draw: st.DrawFn) -> tuple[int, list[int], list[tuple[list[int], int]]]:
    """A number of watts per service, and plans to come to, each with so many steps in between."""
    size = draw(st.integers(2, 4))
    watts = draw(st.lists(st.integers(1, 4), min_size=size, max_size=size))
    cap = draw(st.integers(0, 24))
    plans = []
    for _ in range(draw(st.integers(1, 4))):
        room, wanted = cap, []
        for each in watts:
            wanted.append(draw(st.integers(0, room // each)))
            room -= wanted[-1] * each
        plans.append((wanted, draw(st.integers(0, 12))))
    return cap, watts, plans


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=400)
def test_the_sum_of_bookings_never_rises_over_the_cap(history, chance) -> None:
    cap, watts, plans = history
    world = [service(str(i), 0, 0, 0, watts=each) for i, each in enumerate(watts)]
    for wanted, rounds in plans:
        for _ in range(rounds):
            world = [replace(one, wanted=goal) for one, goal in zip(world, wanted, strict=True)]
            for step in next_steps(cap, world):
                if chance.random() < 0.7:  # the others are lost, and come again
                    world[world.index(step.service)] = replace(step.service, bound=step.ceiling)
            assert sum(max(one.alive, one.bound) * one.watts for one in world) <= cap
            world = [_pods_move(one, chance) for one in world]


@given(histories(), st.integers(0, 10**6))
@settings(max_examples=400)
def test_pods_that_end_slowly_never_add_up_with_new_ones_beyond_the_cap(history, seed) -> None:
    cap, watts, plans = history
    chance = Random(seed)
    world = [service(str(i), 0, 0, 0, watts=each) for i, each in enumerate(watts)]
    for wanted, rounds in plans:
        for _ in range(rounds):
            world = [replace(one, wanted=goal) for one, goal in zip(world, wanted, strict=True)]
            for step in next_steps(cap, world):
                world[world.index(step.service)] = replace(step.service, bound=step.ceiling)
            world = [_pods_end(one, chance) for one in world]
            assert sum(one.alive * one.watts for one in world) <= cap


def test_a_raise_waits_for_the_pods_that_still_end() -> None:
    ending = service("a", bound=1, wanted=4, alive=4, ending=3)
    assert steps(400, ending) == {}
    assert steps(500, ending) == {"a": 2}
    assert steps(400, replace(ending, alive=1, ending=0)) == {"a": 4}


@given(histories())
@settings(max_examples=200)
def test_every_plan_that_fits_is_reached(history) -> None:
    cap, watts, plans = history
    world = [service(str(i), 0, 0, 0, watts=each) for i, each in enumerate(watts)]
    for wanted, _ in plans:
        for _ in range(len(world) + 2):
            world = [replace(one, wanted=goal) for one, goal in zip(world, wanted, strict=True)]
            for step in next_steps(cap, world):
                world[world.index(step.service)] = replace(step.service, bound=step.ceiling)
            world = [replace(one, alive=one.bound) for one in world]
        assert [one.bound for one in world] == wanted


def _pods_move(one: Service, chance) -> Service:
    """Pods go one by one, at any time, and come up to the bound."""
    if one.alive > one.bound:
        return replace(one, alive=chance.randint(one.bound, one.alive))
    return replace(one, alive=chance.randint(0, one.bound))


def _pods_end(one: Service, chance) -> Service:
    """As ReplicaSets do: what is over the bound is told to end and takes its time; new pods do not wait."""
    live = one.alive - one.ending
    ending = one.ending + max(0, live - one.bound)
    live = min(live, one.bound)
    ending -= chance.randint(0, ending)
    live += chance.randint(0, one.bound - live)
    return replace(one, alive=live + ending, ending=ending)
