"""All interleavings of a small instance: none leads over the cap.

Stories with a bounded number of faults are gone through to the end; those without, as far as time allows.

The ledger, the agent's obedience and its confirmation are the real ones. ``CLIMATIK_SEARCH_STATES`` sets how
many states are looked at per story (nightly runs look at more).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from .search.breadth_first import search
from .search.instance import Instance, State, Story
from .world import mutants
from .world.safeguards import INTACT, Safeguards

STATES = int(os.environ.get("CLIMATIK_SEARCH_STATES", "40000"))
THERE_AND_BACK = ((700, 300), (300, 700))

STORIES = {
    "free room, one leader": Story((300, 300), THERE_AND_BACK, takeovers=0, crashes=0),
    "no room, one leader": Story((500, 500), THERE_AND_BACK, takeovers=0, crashes=0),
    "an agent starts again": Story((500, 500), THERE_AND_BACK[:1], takeovers=0, crashes=1),
    "a takeover": Story((300, 300), THERE_AND_BACK, takeovers=1, crashes=0),
    "a takeover without room": Story((500, 500), THERE_AND_BACK, takeovers=1, crashes=0),
    "everything": Story((400, 400), THERE_AND_BACK, takeovers=1, crashes=1),
}


def at_the_start(instance: Instance) -> State:
    return instance.first()


def with_a_late_raise(instance: Instance) -> State:
    """The first raise of n0 was given up and sent again; the first one is still under way."""
    return instance.settle(instance.follow(instance.first(), [("act", 0), ("give up", 0, 0)]))


def with_a_predecessors_raise(instance: Instance) -> State:
    """The former leader's raise of n0 is under way; the new one's stamps have reached all but n0."""
    way = [("act", 0), ("give up", 0, 0), ("take over",), ("new plan",)]
    return instance.settle(instance.follow(instance.first(), way), held=0)


STARTS: dict[str, tuple[str, Callable[[Instance], State]]] = {
    **{name: (name, at_the_start) for name in STORIES},
    "a raise that lands late": ("free room, one leader", with_a_late_raise),
    "a predecessor's raise that lands late": ("a takeover", with_a_predecessors_raise),
}


@pytest.mark.timeout(30 + STATES // 2000)
@pytest.mark.parametrize("name", STARTS)
def test_no_way_leads_over_the_cap(name: str) -> None:
    story, start = STARTS[name]
    instance = Instance(STORIES[story], INTACT)
    found = search(instance, STATES, start(instance))
    assert not found.wrong, found
    assert found.complete or found.states >= STATES


FINITE = {
    "a cut": Story((500, 500), ((500, 500),), takeovers=0, crashes=0, astray=0, cut_to=600),
    "watts move during a cut": Story((500, 500), ((700, 300),), 0, 0, astray=0, cut_to=600),
    "watts move, two writes astray": Story((500, 500), ((700, 300),), 0, 0, astray=2),
    "watts move there and back, one write astray": Story((500, 500), THERE_AND_BACK, 0, 0, astray=1),
    "watts move while an agent starts again": Story((500, 500), ((700, 300),), 0, 1, astray=1),
    "a takeover": Story((500, 500), ((500, 500),), 1, 0, astray=0),
}


@pytest.mark.parametrize("name", FINITE)
def test_no_way_at_all_leads_over_the_cap(name: str) -> None:
    found = search(Instance(FINITE[name], INTACT), 300_000)
    assert not found.wrong, found
    assert found.complete, f"{found.states} states were not all: the story has grown"


def test_a_cut_that_nobody_obeys_is_noticed_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actuator.ledger.ledger.fit_targets", lambda _scene, targets: dict(targets))
    found = search(Instance(FINITE["a cut"], INTACT), 300_000)
    assert found.wrong == "1000 W stay under a cap of 600 W"


LEFT_OUT = {
    "reserve": (mutants.without_reserve, INTACT, "no room, one leader"),
    "pending raises": (mutants.without_pending, INTACT, "free room, one leader"),
    "own answered writes": (mutants.without_answered, INTACT, "free room, one leader"),
    "confirm last": (None, replace(INTACT, confirm_last=False), "no room, one leader"),
    "version precondition": (None, replace(INTACT, version_precondition=False), "a raise that lands late"),
    "epoch stamps": (mutants.without_stamps, INTACT, "a predecessor's raise that lands late"),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_without_a_safeguard_one_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate, safeguards, start = LEFT_OUT[name]
    if mutate is not None:
        mutate(monkeypatch)
    assert _search(start, safeguards), f"nothing was found without: {name}"


def _search(name: str, safeguards: Safeguards) -> str:
    story, start = STARTS[name]
    instance = Instance(STORIES[story], safeguards)
    return search(instance, 200_000, start(instance)).wrong


def test_the_plans_can_be_reached_at_all() -> None:
    instance = Instance(STORIES["a takeover"], INTACT)
    settled = instance.settle(instance.first())
    assert _grants(instance, settled) == [700, 300]
    after = instance.follow(settled, [("take over",), ("new plan",)])
    assert _grants(instance, instance.settle(after)) == [300, 700]


def _grants(instance: Instance, state: State) -> list[int]:
    views = [instance.objects[number] for number in state.objects[:2]]
    return [view.budget.grant_watts for view in views if view.budget is not None]  # type: ignore[union-attr]
