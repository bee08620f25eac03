"""Deadlines on the way up, hysteresis on the way down."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actuator.ladder.action import Rung
from actuator.ladder.decide import Decided, decide
from actuator.ladder.scene import Option, Subject
from actuator.ladder.settings import LadderSettings
from actuator.ladder.standing import Stand, advance

from .builders import after, counts, option, subject

SETTINGS = LadderSettings()
POD = option("a", 100)


def climb(seconds: Sequence[float], one: Subject) -> list[int]:
    """Returns the rung at each moment."""
    stand, rungs = None, []
    for at in seconds:
        stand = advance(stand, one, after(at), SETTINGS)
        rungs.append(-1 if stand is None else int(stand.rung))
    return rungs


WAYS_UP = {
    "only eviction is there": (subject(150, 100, [POD]), [0, 9, 10, 11], [0, 0, 3, 3]),
    "ceilings are at work by themselves": (
        subject(150, 100, [POD], self_acting=frozenset({Rung.CEILING})),
        [0, 10, 69, 70, 71],
        [0, 1, 1, 3, 3],
    ),
    "a migration may cure it": (
        subject(150, 100, [POD, option("m", 60, rung=Rung.MIGRATE)]), [0, 10, 69, 70], [0, 2, 2, 3],
    ),
    "a migration cannot cure it": (
        subject(150, 100, [POD, option("m", 40, rung=Rung.MIGRATE)]), [0, 10, 11], [0, 3, 3],
    ),
    "nothing can be done": (subject(150, 100), [0, 10, 500], [0, 3, 3]),
    "under its cap": (subject(100, 100), [0, 500], [-1, -1]),
}  # fmt: skip


@pytest.mark.parametrize("name", WAYS_UP)
def test_the_way_up(name: str) -> None:
    one, seconds, rungs = WAYS_UP[name]
    assert climb(seconds, one) == rungs


def test_down_by_one_rung_after_each_quiet_time() -> None:
    stand = Stand(Rung.EVICT, after(0))
    rungs = []
    for at in (1, 120, 121, 241, 361, 481):
        stand = advance(stand, subject(90, 100), after(at), SETTINGS)  # type: ignore[assignment]
        rungs.append(-1 if stand is None else int(stand.rung))
        if stand is None:
            break
    assert rungs == [3, 3, 2, 1, 0, -1]


def test_just_under_the_cap_is_not_calm() -> None:
    stand = Stand(Rung.EVICT, after(0), after(0))
    stand = advance(stand, subject(97, 100), after(500), SETTINGS)  # type: ignore[assignment]
    assert stand == Stand(Rung.EVICT, after(500))


def test_a_new_breach_after_a_break_gives_the_devices_their_time_again() -> None:
    stand = advance(Stand(Rung.EVICT, after(0)), subject(97, 100), after(500), SETTINGS)
    assert stand is not None
    moments = {}
    for at in (501, 510, 511):
        decided = run(subject(150, 100, [POD]), {"policy/llm/cap": stand}, at)
        stand = decided.stands["policy/llm/cap"]
        moments[at] = len(decided.actions)
    assert moments == {501: 0, 510: 0, 511: 1}


def run(one: Subject, stands: dict[str, Stand], at: float) -> Decided:
    return decide([one], stands, after(at), counts(), SETTINGS)


def test_the_same_round_twice_decides_the_same() -> None:
    one = subject(250, 100, [POD, option("b", 90)])
    stands = {"policy/llm/cap": Stand(Rung.EVICT, after(0), breached_since=after(0))}
    assert run(one, stands, 20) == run(one, stands, 20)


def test_what_is_on_its_way_is_not_done_again() -> None:
    stands = {"policy/llm/cap": Stand(Rung.EVICT, after(0), breached_since=after(0))}
    assert run(subject(150, 100, [POD], in_flight=50), stands, 20).actions == []
    assert len(run(subject(150, 100, [POD], in_flight=49), stands, 20).actions) == 1


def test_an_action_that_serves_two_subjects_is_taken_once() -> None:
    shared = option("a", 100)
    both = [subject(150, 100, [shared]), subject(1_080, 1_000, [shared], name="domain/row")]
    stands = {
        name: Stand(Rung.EVICT, after(0), breached_since=after(0))
        for name in ("policy/llm/cap", "domain/row")
    }
    decided = decide(both, stands, after(20), counts(), SETTINGS)
    assert [taken.action.key for taken in decided.actions] == [shared.action.key]


rungs_with_options = st.lists(
    st.tuples(st.sampled_from([Rung.MIGRATE, Rung.EVICT]), st.integers(1, 200)), max_size=6
)
histories = st.lists(st.tuples(st.floats(0.1, 90), st.integers(0, 400)), min_size=1, max_size=60)


def _options(pairs: list[tuple[Rung, int]]) -> list[Option]:
    return [option(f"{rung.name}{number}", watts, rung=rung) for number, (rung, watts) in enumerate(pairs)]


@given(rungs_with_options, histories)
def test_no_action_above_its_rung_nor_before_the_devices_had_their_time(
    pairs: list[tuple[Rung, int]], history: list[tuple[float, int]]
) -> None:
    stands: dict[str, Stand] = {}
    at, breached_at = 0.0, None
    for step, draw in history:
        at += step
        breached_at = (breached_at if breached_at is not None else at) if draw > 200 else None
        decided = run(subject(draw, 200, _options(pairs)), stands, at)
        stands = decided.stands
        for taken in decided.actions:
            assert taken.action.rung <= stands["policy/llm/cap"].rung
            assert breached_at is not None
            assert at - breached_at >= 9.99


@given(histories)
def test_it_always_comes_all_the_way_down_again(history: list[tuple[float, int]]) -> None:
    stands: dict[str, Stand] = {}
    at = 0.0
    for step, draw in history:
        at += step
        stands = run(subject(draw, 200, [POD]), stands, at).stands
    heights = []
    for _ in range(5):
        at += 121
        stands = run(subject(100, 200, [POD]), stands, at).stands
        heights.append(max((int(stand.rung) for stand in stands.values()), default=-1))
    assert heights == sorted(heights, reverse=True)
    assert stands == {}
