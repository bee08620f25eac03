"""A domain's watts by whose they are: exact sums, in status, in words and as metrics."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.api.meta import find_condition
from recommender.logic.change import is_material
from recommender.logic.domain_parts import DomainParts, attributed_parts, attribution_status
from recommender.output.bodies import domain_body
from recommender.output.metrics import PowerPage, SharedWatts
from tests.unit.recommender.builders import domain, frequencies, node
from tests.unit.recommender.scene import Scene


def report(scene, one):
    return scene.cycle().engine.report(one)


def test_the_parts_sum_to_the_draw():
    room = domain("room", selector={}, cap_watts=4000)
    scene = Scene(domains=(room,))
    scene.measure()
    seen = report(scene, room).observed
    parts = seen.attribution
    assert parts.pods_watts + parts.idle_watts + parts.unattributed_watts == seen.power_watts == 1800
    # Three boards of pods, their parts of the processors (50 W a board), and one board that nobody holds.
    assert (parts.pods_watts, parts.idle_watts) == (900, 250)
    assert (parts.nameplate_watts, parts.estimated_watts) == (0, 0)


def test_nodes_that_nobody_measures_are_counted_at_nameplate_and_estimated_besides():
    room = domain("room", selector={}, cap_watts=4000)
    scene = Scene(domains=(room,))
    scene.measure()
    objects = scene.objects
    scene.objects = type(objects)(**vars(objects) | {
        "nodes": (*objects.nodes, node("n3")), "frequencies": (*objects.frequencies, frequencies("n3")),
    })  # fmt: skip
    seen = report(scene, room)
    parts = seen.observed.attribution
    assert parts.nameplate_watts == 1100
    # Its two boards idle at 15 % of 300 W, and the nameplate leaves 500 W besides.
    assert parts.estimated_watts == 590
    assert seen.observed.power_watts == 1800 + 1100
    message = find_condition(seen.conditions, "Observed").message
    assert "counted at nameplate: n3 (likely 590 W of 1,100 W)" in message


def test_the_condition_says_it_in_percent():
    room = domain("room", selector={}, cap_watts=4000)
    scene = Scene(domains=(room,))
    scene.measure()
    message = find_condition(report(scene, room).conditions, "Observed").message
    assert message == ("2 nodes draw 1,800 W of 4,000 W (45 %): pods 50 %, idle 14 %, not attributable 36 %")


WATTS = st.floats(0, 1e7)


@given(WATTS, WATTS, WATTS, st.integers(0, 100_000))
@example(10.6, 10.6, 0.0, 0)
def test_roundings_never_break_the_sum(pods, idle, unattributed, nameplate):
    parts = DomainParts(pods=pods, idle=idle, unattributed=unattributed, nameplate=nameplate)
    power = round(pods + idle + unattributed + nameplate)
    told = attributed_parts(attribution_status(parts, power))
    assert sum(told.values()) == power
    assert min(told.values()) >= 0
    assert told["pods"] == pytest.approx(pods, abs=1)
    assert told["idle"] == pytest.approx(idle, abs=1.01)


def test_parts_that_move_a_little_are_no_reason_to_write():
    room = domain("room", selector={}, cap_watts=4000)
    scene = Scene(domains=(room,))
    scene.measure(250.0)
    before = domain_body(room, report(scene, room))
    scene.measure(252.0)
    assert not is_material(before, domain_body(room, report(scene, room)))


def test_metrics_show_each_part_of_each_domain():
    page = PowerPage()
    page.domains["row"] = SharedWatts(100.0, 500, 120.0, {"pods": 60.0, "idle": 40.0})
    text = page.render().decode()
    assert 'climatik_domain_attributed_watts{domain="row",part="pods"} 60.0' in text
    assert 'climatik_domain_attributed_watts{domain="row",part="idle"} 40.0' in text
