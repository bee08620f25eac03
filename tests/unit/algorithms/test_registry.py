"""Algorithms are found by name; what cannot be used is refused with the reason."""

import pytest

from common.algorithms.errors import BadParameterError, UnknownAlgorithmError
from common.algorithms.registry import find_algorithm, known_algorithms, read_parameters

SCALER = find_algorithm("dynamic-frequency-scaler").description


def test_built_in_algorithms_are_known():
    assert known_algorithms() == [
        "dynamic-frequency-scaler",
        "exact",
        "performance-power-ratio",
        "polca",
        "power-oversubscription",
        "uniform",
        "water-filling",
    ]


def test_an_unknown_name_lists_those_known():
    with pytest.raises(
        UnknownAlgorithmError, match=r"'polka'.*dynamic-frequency-scaler, exact,.*, uniform, water-filling"
    ):
        find_algorithm("polka")


def test_parameters_are_read_from_text_and_numbers():
    assert read_parameters(SCALER, {"scaling-factor": "0.7", "min-frequency": 600}) == {
        "scaling-factor": 0.7,
        "min-frequency": 600.0,
    }


def test_parameters_left_out_have_their_defaults():
    assert read_parameters(SCALER, {}) == {"scaling-factor": 0.8, "min-frequency": 300}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"scale": "1"}, "has no parameter 'scale'; it takes: scaling-factor, min-frequency"),
        ({"scaling-factor": "much"}, "scaling-factor: 'much' is not a number"),
        ({"scaling-factor": "1.5"}, "scaling-factor: 1.5 is not within 0.05 to 1"),
        ({"scaling-factor": "nan"}, "scaling-factor: nan is not within"),
    ],
    ids=["unknown", "not-a-number", "out-of-range", "nan"],
)
def test_a_bad_parameter_is_refused_with_what_is_allowed(given, message):
    with pytest.raises(BadParameterError, match=message):
        read_parameters(SCALER, given)
