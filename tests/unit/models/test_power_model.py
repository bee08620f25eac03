"""Watts of a replica from its load: from the nameplate on, learned fast, never against physics."""

import numpy as np
import pytest

from common.models.power.model import PowerModels, ReplicaLoads

NAMEPLATE = 700.0
AT = 1_700_000_000.0
DAY = 86400.0


def loads(*running):
    batch = np.array(running, dtype=float)
    return ReplicaLoads(batch, 40.0 * batch, 20.0 * batch)


def truth(batch):
    return NAMEPLATE * (0.2 + 0.4 * batch / (batch + 6) + 0.2 * 40 * batch / 2000)


def taught(samples, *, at=AT, models=None, scale=1.0, seed=0):
    rng = np.random.default_rng(seed)
    models = models or PowerModels()
    for number in range(samples):
        batch = float(rng.integers(0, 30))
        watts = scale * truth(batch) * (1 + rng.normal(0, 0.02))
        models.observe("k", at + 15 * number, loads(batch), np.array([watts]), np.array([NAMEPLATE]))
    return models


def ask(models, *running, key="k"):
    return models.expected(key, loads(*running), np.full(len(running), NAMEPLATE))


def test_before_any_sample_every_load_draws_the_nameplate_and_nobody_is_confident():
    expected = ask(PowerModels(), 0, 10, 100, key="new")
    assert expected.watts.tolist() == [NAMEPLATE] * 3
    assert not expected.confident


def test_a_few_minutes_of_load_are_enough():
    expected = ask(taught(40), 5, 15, 25)
    assert expected.confident
    assert expected.watts == pytest.approx([truth(5), truth(15), truth(25)], rel=0.12)


def test_intervals_narrow_with_samples_and_widen_away_from_what_was_seen():
    few, many = ask(taught(6), 15), ask(taught(400), 15)
    assert (many.upper - many.lower)[0] < (few.upper - few.lower)[0]
    here, far = ask(taught(30), 15), ask(taught(30), 45)
    assert (far.upper - far.lower)[0] > (here.upper - here.lower)[0]


def test_ninety_percent_of_measurements_lie_within_the_interval():
    models, rng = taught(300), np.random.default_rng(9)
    batch = rng.integers(0, 30, 500).astype(float)
    expected = models.expected("k", loads(*batch), np.full(500, NAMEPLATE))
    drawn = truth(batch) * (1 + rng.normal(0, 0.02, 500))
    assert np.mean((drawn >= expected.lower) & (drawn <= expected.upper)) >= 0.85


@pytest.mark.parametrize("seed", range(6))
def test_more_load_never_means_less_power(seed):
    rng = np.random.default_rng(seed)
    models = PowerModels()
    for number in range(50):
        watts = np.array([rng.uniform(50, 700)])  # pure noise
        batch = float(rng.integers(0, 40))
        models.observe("k", AT + number, loads(batch), watts, np.array([NAMEPLATE]))
    assert (np.diff(ask(models, *range(0, 200, 5)).watts) >= -1e-9).all()


def test_a_changed_workload_is_followed_and_a_quiet_month_is_not_forgotten():
    models = taught(200)
    taught(2000, at=AT + 20 * DAY, models=models, scale=0.5)
    assert ask(models, 15).watts[0] == pytest.approx(0.5 * truth(15), rel=0.15)
    quiet = taught(200)
    before = ask(quiet, 15).watts[0]
    quiet.observe("k", AT + 30 * DAY, loads(15.0), np.array([truth(15)]), np.array([NAMEPLATE]))
    assert ask(quiet, 15).watts[0] == pytest.approx(before, rel=0.1)


def test_nothing_is_learned_without_watts_or_nameplate():
    models = PowerModels()
    models.observe("k", AT, loads(3.0), np.array([np.nan]), np.array([NAMEPLATE]))
    models.observe("k", AT, loads(3.0), np.array([300.0]), np.array([0.0]))
    assert models.moments == {}


def test_kinds_not_seen_for_a_while_go():
    models = taught(5)
    models.forget(AT + 3 * DAY, 2 * DAY)
    assert models.moments == {}


def test_a_server_that_does_not_tell_its_prompts_is_learned_all_the_same():
    models = PowerModels()
    for number in range(60):
        batch = np.array([float(number % 20)])
        load = ReplicaLoads(batch, 40 * batch, np.array([np.nan]))
        models.observe("k", AT + number, load, truth(batch), np.array([NAMEPLATE]))
    query = ReplicaLoads(np.array([10.0]), np.array([400.0]), np.array([np.nan]))
    found = models.expected("k", query, np.array([NAMEPLATE]))
    assert found.watts[0] == pytest.approx(truth(10), rel=0.1)
