"""Which pods go: lowest priority first, most watts for the least disruption, within the counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actuator.ladder.choose import choose
from actuator.ladder.scene import Option

from .builders import counts, option

CASES = {
    "nothing is needed": ([option("a", 100)], 0, []),
    "one is enough: the one that overshoots least": ([option("a", 300), option("b", 120)], 100, ["b"]),
    "the largest first, then the closest": (
        [option("a", 300), option("b", 200), option("c", 60), option("d", 50)], 350, ["a", "d"],
    ),
    "all of a lower priority before any of a higher": (
        [option("high", 500, priority=5), option("low", 100), option("lower", 50, priority=-1)],
        140,
        ["lower", "low"],
    ),
    "watts per disruption count, not watts": (
        [option("three", 300, disruptions=3), option("one", 150)], 400, ["one", "three"],
    ),
    "as many as there are where they are not enough": (
        [option("a", 100), option("b", 50)], 1_000, ["a", "b"],
    ),
    "equals by name": ([option("b", 100), option("a", 100)], 100, ["a"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_choice(name: str) -> None:
    options, needed, expected = CASES[name]
    chosen = choose(options, needed, counts())
    assert [one.action.target.name for one in chosen.options] == expected


def test_an_option_without_a_count_left_gives_way_and_is_named() -> None:
    options = [
        option("kept", 100, claims=["pdb/llm/kept"]),
        option("next", 150),
    ]
    chosen = choose(options, 90, counts({"pdb/llm/kept": 0}))
    assert [one.action.target.name for one in chosen.options] == ["next"]
    assert list(chosen.passed_over) == ["pdb/llm/kept"]


options_of_any_kind = st.lists(
    st.builds(
        option,
        st.text("abcdef", min_size=1, max_size=6),
        st.integers(1, 500),
        priority=st.integers(-2, 2),
        disruptions=st.integers(1, 3),
        claims=st.lists(st.sampled_from(["rate/cluster", "rate/a", "pdb/x", "replicas/y"]), unique=True),
    ),
    unique_by=lambda one: one.action.key,
    max_size=30,
)
limits_of_any_kind = st.fixed_dictionaries(
    {claim: st.integers(0, 6) for claim in ["rate/cluster", "rate/a", "pdb/x", "replicas/y"]}
)


@given(options_of_any_kind, st.integers(0, 3_000), limits_of_any_kind)
def test_no_count_is_ever_overdrawn(options: list[Option], needed: int, limits: dict[str, int]) -> None:
    used = dict.fromkeys(limits, 0)
    for one in choose(options, needed, counts(limits)).options:
        for claim in one.claims:
            used[claim] += one.action.disruptions
    assert all(used[claim] <= limits[claim] for claim in limits)


@given(options_of_any_kind, st.integers(0, 3_000))
def test_no_action_is_superfluous_within_its_priority(options: list[Option], needed: int) -> None:
    """Without the last one chosen, the need would not be covered."""
    chosen = choose(options, needed, counts()).options
    if chosen:
        assert sum(one.action.relief_watts for one in chosen[:-1]) < needed


@given(options_of_any_kind, st.integers(1, 3_000))
def test_a_higher_priority_goes_only_when_all_lower_ones_went(options: list[Option], needed: int) -> None:
    chosen = choose(options, needed, counts()).options
    if chosen:
        highest = max(one.priority for one in chosen)
        spared = [one for one in options if one.priority < highest and one not in chosen]
        assert spared == []


@given(options_of_any_kind, st.integers(0, 3_000), st.integers(0, 500))
def test_what_is_freed_covers_what_is_needed_wherever_it_can(
    options: list[Option], needed: int, more: int
) -> None:
    total = sum(one.action.relief_watts for one in options)
    freed = choose(options, needed, counts()).relief_watts
    assert freed >= min(needed, total)
    assert choose(options, needed + more, counts()).relief_watts >= min(needed + more, total)


@given(options_of_any_kind, st.integers(0, 3_000), limits_of_any_kind, st.randoms(use_true_random=False))
def test_the_order_in_which_options_come_does_not_matter(
    options: list[Option], needed: int, limits: dict[str, int], random: object
) -> None:
    shuffled = list(options)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = (choose(some, needed, counts(limits)).options for some in (options, shuffled))
    assert first == second
