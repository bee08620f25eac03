"""Temperature limits are caps of the division; inlets and placement scores are published."""

from datetime import timedelta

import pytest

from common.api.domain import HeatRecirculation, HeatTerm
from common.api.meta import find_condition
from recommender.logic.heat import Wish, room_of, thermal_caps
from tests.unit.recommender.builders import NOW, domain
from tests.unit.recommender.scene import AT, Scene


def heated(terms, limit=None, supply=20):
    """Terms in degrees per kilowatt."""
    made = [HeatTerm(name, round(1000 * degrees)) for name, degrees in terms.items()]
    return {
        "heat_recirculation": HeatRecirculation(supply_temperature=supply, terms=made),
        "max_inlet_temperature": limit,
    }


def scene(limit=None, *, near=6.0, far=1.0):
    """Two racks of one node each, at up to 1,100 W; the first one's inlet feels both."""
    racks = (
        domain("room", cap_watts=4000),
        domain("r1", parent="room", selector={"rack": "a"}, **heated({"r1": near, "r2": far}, limit)),
        domain("r2", parent="room", selector={"rack": "b"}, **heated({"r2": near}, None)),
    )
    made = Scene(domains=racks)
    nodes = [one.__class__(metadata=one.metadata.__class__(name=one.name, labels={"rack": rack}))
             for one, rack in zip(made.objects.nodes, "ab", strict=True)]  # fmt: skip
    made.objects = made.objects.__class__(**vars(made.objects) | {"nodes": tuple(nodes)})
    made.measure()
    return made, racks


def test_an_inlet_limit_bounds_what_racks_are_given():
    free, _ = scene()
    free.cycle()
    given = free.engine._division.given
    assert given == {"n1": 1100, "n2": 1100}
    bound, _ = scene(limit=26)
    bound.cycle()
    given = bound.engine._division.given
    room = room_of(bound.engine._tree)
    worst = room.temperatures({"r1": given["n1"], "r2": given["n2"]})
    assert worst["r1"] <= 26.0
    assert given["n2"] > given["n1"] >= 600


def test_the_hottest_inlet_is_told_of_a_rack_and_of_all_above_it():
    made, racks = scene(limit=30)
    made.cycle()
    room, r1, r2 = (made.engine.report(one).observed for one in racks)
    # 900 W in each: 20 + 6 * 0.9 + 1 * 0.9 = 26.3, rounded up.
    assert (room.hottest_inlet, r1.hottest_inlet, r2.hottest_inlet) == (27, 27, 26)


def test_the_cooler_place_has_the_better_score():
    made, racks = scene(limit=27)
    made.cycle()
    _, r1, r2 = (made.engine.report(one).observed for one in racks)
    assert (r1.placement_score, r2.placement_score) == (0, 100)


@pytest.mark.parametrize(
    ("limit", "status", "reason"), [(30, "True", "WithinLimit"), (22, "False", "OverLimit")]
)
def test_a_condition_says_whether_the_limit_is_kept(limit, status, reason):
    made, racks = scene(limit=limit)
    made.cycle()
    condition = find_condition(made.engine.report(racks[1]).conditions, "InletTemperature")
    assert (condition.status, condition.reason) == (status, reason)
    assert f"{limit} °C" in condition.message


def test_a_limit_without_a_model_is_named():
    lonely = domain("room", selector={}, cap_watts=4000, max_inlet_temperature=27)
    made = Scene(domains=(lonely,))
    made.measure()
    made.cycle()
    report = made.engine.report(lonely)
    condition = find_condition(report.conditions, "InletTemperature")
    assert condition.reason == "NoModel"
    assert "spec.heatRecirculation" in condition.message


def test_domains_without_heat_say_nothing_of_it():
    plain = domain("room", selector={}, cap_watts=4000)
    made = Scene(domains=(plain,))
    made.measure()
    made.cycle()
    report = made.engine.report(plain)
    assert find_condition(report.conditions, "InletTemperature") is None
    assert "hottestInlet" not in str(report.observed)


def test_watts_stand_still_while_nothing_changes():
    made, _ = scene(limit=26)
    made.cycle()
    first = dict(made.engine._division.given)
    made.measure(at=AT + 5)
    made.cycle(NOW + timedelta(seconds=5))
    assert made.engine._division.given == first


def test_a_limit_above_holds_for_all_inlets_below():
    made, (_, r1, r2) = scene()
    strict = domain("room", cap_watts=4000, max_inlet_temperature=26)
    made.objects = made.objects.__class__(**vars(made.objects) | {"domains": (strict, r1, r2)})
    made.cycle()
    given = made.engine._division.given
    assert room_of(made.engine._tree).temperatures({"r1": given["n1"], "r2": given["n2"]})["r1"] <= 26.0
    condition = find_condition(made.engine.report(strict).conditions, "InletTemperature")
    assert (condition.status, condition.reason) == ("False", "OverLimit")


def test_what_nobody_asked_for_is_left_to_the_ceilings_as_far_as_inlets_allow():
    made, _ = scene(limit=26)
    made.cycle()
    room = room_of(made.engine._tree)
    caps = thermal_caps(room, Wish({}, {"r1": 300.0, "r2": 300.0}, {"r1": 1100.0, "r2": 1100.0}))
    reached = room.temperatures({"r2": 1100.0} | caps)["r1"]
    assert caps["r1"] > 300
    assert 25.9 < reached <= 26.0
