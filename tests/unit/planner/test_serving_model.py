"""Configurations predicted from data sheets and from measurements."""

from dataclasses import replace

import pytest

from common.models.serving import CARDS, Configuration, Measurement, ServingModel

BASE = Configuration(70e9, CARDS["a100-80gb"], 4, 8, 512, 128)


def truth(configuration):
    """A world twice as slow as data sheets say."""
    known = ServingModel().predict(configuration)
    return 2 * known.prompt_seconds, 2 * known.token_seconds


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("a larger model", {"parameters": 140e9}),
        ("fewer GPUs", {"gpus": 2}),
        ("a slower card", {"card": CARDS["v100-32gb"]}),
        ("a larger batch", {"batch": 32}),
    ],
)
def test_is_slower(what, change):
    model = ServingModel()
    assert model.predict(replace(BASE, **change)).token_seconds > model.predict(BASE).token_seconds, what


def test_a_larger_batch_takes_fewer_joules_per_token():
    model = ServingModel()
    assert model.predict(replace(BASE, batch=32)).joules_per_token < model.predict(BASE).joules_per_token


def test_measurements_move_the_prediction_of_another_model():
    seen = [
        Measurement(one, *truth(one), None)
        for gpus in (2, 4, 8)
        for batch in (1, 8, 32)
        for one in [replace(BASE, gpus=gpus, batch=batch)]
    ]
    other = replace(BASE, parameters=30e9)
    actual = truth(other)[1]
    before = abs(ServingModel().predict(other).token_seconds / actual - 1)
    after = abs(ServingModel(seen).predict(other).token_seconds / actual - 1)
    assert after < before / 2
    assert after < 0.1
