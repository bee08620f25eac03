"""What is expected of a workload: from like ones, from probes, with intervals that hold."""

import numpy as np
import pytest

from common.models.slowdown import SlowdownModel, SlowdownSettings, Sweep

LIMITS = np.arange(100.0, 301.0, 25.0)
FAMILIES = ("convolution", "speech", "language", "recommendation", "graph")


def sweep(family, draw_watts, *, rng, noise=0.01, limits=LIMITS, scale=50.0):
    """A workload that slows down once the limit is under what it draws."""
    steepness = 1.5 + rng.normal(0, 0.15)
    short = np.maximum(draw_watts / 300 - limits / 300, 0)
    seconds = scale * (1 + steepness * short + 6 * short**2) * np.exp(rng.normal(0, noise, limits.size))
    return Sweep(family, limits, seconds, draw_watts)


def library(seed=7, families=FAMILIES, noise=0.01):
    rng = np.random.default_rng(seed)
    return [
        sweep(family, draw, rng=rng, noise=noise) for family in families for draw in np.linspace(90, 280, 8)
    ]


def test_probes_bring_the_expectation_to_the_workload_s_own_scale():
    unknown = sweep("new", 240.0, rng=np.random.default_rng(1), scale=4321.0)
    model = SlowdownModel(library())
    chosen = model.choose_probes(LIMITS, unknown.draw_watts)
    probes = {w: s for w, s in zip(LIMITS, unknown.seconds, strict=True) if w in chosen}
    estimate = model.estimate(LIMITS, unknown.draw_watts, probes)
    assert estimate.expected == pytest.approx(unknown.seconds, rel=0.05)


def test_without_probes_like_workloads_say_how_much_it_slows():
    unknown = sweep("new", 200.0, rng=np.random.default_rng(2))
    estimate = SlowdownModel(library()).estimate(LIMITS, unknown.draw_watts)
    assert estimate.expected[-1] == pytest.approx(1.0, abs=0.02)
    assert estimate.expected == pytest.approx(unknown.seconds / unknown.seconds[-1], rel=0.1)


def test_the_choice_of_probes_sees_no_measured_time_and_is_spread_out():
    chosen = SlowdownModel(library()).choose_probes(LIMITS, 240.0)
    assert chosen.size == 3
    assert chosen[0] <= 125
    assert chosen[-1] >= 200


def test_ninety_percent_intervals_hold_for_families_never_seen():
    model = SlowdownModel(library())
    rng, held = np.random.default_rng(11), []
    for draw in rng.uniform(90, 280, 60):
        unknown = sweep("new", draw, rng=rng)
        chosen = model.choose_probes(LIMITS, draw)
        probes = {w: s for w, s in zip(LIMITS, unknown.seconds, strict=True) if w in chosen}
        estimate = model.estimate(LIMITS, draw, probes)
        inside = (estimate.lower <= unknown.seconds) & (unknown.seconds <= estimate.upper)
        held.append(inside[~np.isin(LIMITS, chosen)])
    assert 0.84 <= np.mean(held) <= 0.97


def test_noisy_probes_widen_the_interval():
    model = SlowdownModel(library())
    quiet = model.estimate(LIMITS, 95.0, {100.0: 10.0, 200.0: 10.0, 300.0: 10.0})
    noisy = model.estimate(LIMITS, 95.0, {100.0: 9.0, 200.0: 11.0, 300.0: 12.0})
    assert (noisy.upper / noisy.lower).mean() > 1.5 * (quiet.upper / quiet.lower).mean()


def test_expectations_are_monotone_and_convex_even_when_probes_are_not():
    estimate = SlowdownModel(library()).estimate(LIMITS, 200.0, {100.0: 10.0, 150.0: 14.0, 300.0: 12.0})
    times = estimate.curve.seconds(np.linspace(100, 300, 101))
    assert (np.diff(times) <= 1e-9).all()
    assert (np.diff(times, 2) >= -1e-9).all()


def test_other_limits_than_the_known_ones_are_interpolated():
    limits = np.array([110.0, 160.0, 210.0, 290.0])
    unknown = sweep("new", 220.0, rng=np.random.default_rng(5), limits=limits)
    estimate = SlowdownModel(library()).estimate(limits, 220.0)
    assert estimate.expected == pytest.approx(unknown.seconds / unknown.seconds[-1], rel=0.1)


def test_one_family_alone_gives_no_finite_interval():
    estimate = SlowdownModel(library(families=("only",))).estimate(LIMITS, 200.0)
    assert np.isinf(estimate.upper).all()


def test_a_wider_share_gives_wider_intervals():
    narrow = SlowdownModel(library(), SlowdownSettings(interval_share=0.5)).estimate(LIMITS, 200.0)
    wide = SlowdownModel(library(), SlowdownSettings(interval_share=0.95)).estimate(LIMITS, 200.0)
    assert (wide.upper > narrow.upper).all()


def test_a_probe_at_a_limit_that_is_not_asked_for_is_refused():
    with pytest.raises(ValueError, match="probed limit of 133 W"):
        SlowdownModel(library()).estimate(LIMITS, 200.0, {133.0: 10.0})


@pytest.mark.parametrize(
    ("limits", "seconds", "message"),
    [
        ([100.0], [1.0], "two or more"),
        ([200.0, 100.0], [1.0, 1.0], "ascending"),
        ([100.0, 200.0], [1.0, 0.0], "positive"),
        ([100.0, 200.0], [1.0], "one for each"),
    ],
)
def test_what_is_no_sweep_is_refused(limits, seconds, message):
    with pytest.raises(ValueError, match=message):
        Sweep("bad", np.array(limits), np.array(seconds), 100.0)
