"""A replica's model from samples."""

import numpy as np
import pytest

from common.models.serving import ReplicaModel, ReplicaSamples, learn_replica


def samples(requests, *, step=0.02, each=0.001, idle=200.0, joules=0.5):
    requests = np.array(requests, dtype=float)
    tokens = requests / (step + each * requests)
    return ReplicaSamples(requests, tokens, idle + joules * tokens)


def test_many_samples_tell_the_truth():
    model = learn_replica(samples(np.linspace(1, 60, 40)))
    assert model.step_seconds == pytest.approx(0.02, rel=0.1)
    assert model.request_seconds == pytest.approx(0.001, rel=0.1)
    assert model.idle_watts == pytest.approx(200, rel=0.1)
    assert model.joules_per_token == pytest.approx(0.5, rel=0.1)


def test_one_sample_is_met_in_latency_and_watts():
    seen = samples([16.0])
    model = learn_replica(seen)
    tokens = float(seen.tokens_per_second[0])
    assert model.seconds_between_tokens(tokens, 1.0) == pytest.approx(16 / tokens, rel=0.05)
    assert float(model.expected_watts(np.array(tokens), np.array(1.0))) == pytest.approx(
        float(seen.watts[0]), rel=0.05
    )


@pytest.mark.parametrize(
    "none",
    [
        ReplicaSamples(np.zeros(0), np.zeros(0), np.zeros(0)),
        ReplicaSamples(np.array([0.0]), np.array([0.0]), np.array([200.0])),
        ReplicaSamples(np.array([4.0]), np.array([100.0]), np.array([np.nan])),
    ],
    ids=["no samples", "no load", "no watts"],
)
def test_nothing_is_said_without_load_and_watts(none):
    assert learn_replica(none) is None


def test_scatter_of_watts_widens_the_planned_quantile():
    calm = samples(np.linspace(1, 60, 40))
    noise = np.random.default_rng(1).normal(1.0, 0.2, 40)
    wild = ReplicaSamples(calm.requests, calm.tokens_per_second, calm.watts * noise)
    assert learn_replica(wild).upper_factor > learn_replica(calm).upper_factor + 0.1


def test_lower_clocks_serve_less_at_fewer_joules():
    model = ReplicaModel(0.02, 0.001, 200.0, 1.0, 64.0, 1.1)
    assert model.capacity(0.6, 0.1) < model.capacity(1.0, 0.1)
    assert model.expected_watts(np.array(100.0), np.array(0.6)) < model.expected_watts(
        np.array(100.0), np.array(1.0)
    )
    assert model.capacity(1.0, 0.001) == 0.0
