"""The judge of the demo must see an excess, know the grace after a cut, and not count a second twice."""

import pytest

from deploy.local.demo.physics import CapStep, Slice, judge


def record(watts: list[float]) -> list[Slice]:
    return [Slice(index / 10, 0.1, value) for index, value in enumerate(watts)]


def test_draw_under_the_cap_is_no_excess() -> None:
    verdict = judge(record([900.0] * 50), [CapStep(0, 1000)], ready=0)
    assert (verdict.watt_seconds_over_cap, verdict.peak_watts) == (0, 900)


def test_a_steady_excess_counts_its_watt_seconds_once() -> None:
    verdict = judge(record([1100.0] * 50), [CapStep(0, 1000)], ready=0)
    assert verdict.watt_seconds_over_cap == pytest.approx(100 * verdict.seconds_judged)
    assert verdict.seconds_judged == pytest.approx(4.0)


def test_a_spike_shorter_than_a_second_counts_by_its_mean() -> None:
    spike = [900.0] * 20 + [1500.0] + [900.0] * 20
    assert judge(record(spike), [CapStep(0, 1000)], ready=0).watt_seconds_over_cap == 0
    wide = [900.0] * 20 + [1500.0] * 3 + [900.0] * 20
    assert judge(record(wide), [CapStep(0, 1000)], ready=0).watt_seconds_over_cap > 0


def test_an_excess_that_no_full_second_shows_is_seen_by_a_shifted_window() -> None:
    shifted = [900.0] * 15 + [1200.0] * 10 + [900.0] * 15
    assert judge(record(shifted), [CapStep(0, 1100)], ready=0).watt_seconds_over_cap > 0


def test_what_follows_a_cut_within_two_seconds_is_counted_apart() -> None:
    caps = [CapStep(0, 1000), CapStep(2.0, 500)]
    prompt = judge(record([1000.0] * 35 + [500.0] * 40), caps, ready=0)
    assert prompt.watt_seconds_over_cap == 0
    assert prompt.watt_seconds_over_cap_in_grace > 0
    late = judge(record([1000.0] * 60 + [500.0] * 40), caps, ready=0)
    assert late.watt_seconds_over_cap > 0


def test_what_was_drawn_before_the_loop_was_ready_is_not_judged() -> None:
    verdict = judge(record([2000.0] * 20 + [900.0] * 30), [CapStep(0, 1000)], ready=2.0)
    assert (verdict.watt_seconds_over_cap, verdict.peak_watts) == (0, 900)


def test_what_was_drawn_after_the_caps_were_taken_away_is_not_judged() -> None:
    rising = record([900.0] * 30 + [2000.0] * 30)
    assert judge(rising, [CapStep(0, 1000)], ready=0, until=3.0).watt_seconds_over_cap == 0
    assert judge(rising, [CapStep(0, 1000)], ready=0).watt_seconds_over_cap > 0
