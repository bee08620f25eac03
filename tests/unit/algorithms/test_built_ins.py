"""What the baselines and the clock scaler advise."""

from hypothesis import given, settings

from common.algorithms.caps import over_cap
from common.algorithms.dynamic_frequency_scaler import DynamicFrequencyScaler
from common.algorithms.uniform import Uniform
from tests.unit.algorithms.instances import nested, snapshot

PARAMETERS = {"scaling-factor": 0.8, "min-frequency": 300.0}


def clocks(highest, *, throttle=True, **parameters):
    count = len(highest)
    instance = snapshot(
        [-1], [100], [0] * count, [0] * count, [1] * count, [], max_frequency=highest, throttle=throttle
    )
    return DynamicFrequencyScaler().plan(instance, PARAMETERS | parameters).frequency.tolist()


def test_clocks_are_scaled_from_the_highest():
    assert clocks([1980, 1410]) == [1584, 1128]


def test_clocks_never_go_below_the_minimum_nor_above_the_highest():
    assert clocks([1000, 500], **{"min-frequency": 900.0}) == [900, 500]


def test_clocks_are_left_alone_without_need():
    assert clocks([1980], throttle=False) == [0]


def test_a_device_of_unknown_clock_is_left_alone():
    assert clocks([0, 1000]) == [0, 800]


def test_uniform_gives_everybody_the_same():
    instance = snapshot([-1], [300], [0, 0, 0], [0] * 3, [500] * 3, [(0, [500, 0, 0])])
    assert Uniform().plan(instance, {}).watts.tolist() == [100, 100, 100]


@given(nested())
@settings(max_examples=80)
def test_uniform_fits_under_every_cap(instance):
    watts = Uniform().plan(instance, {}).watts
    assert not over_cap(instance.caps, instance.group, watts).any()
