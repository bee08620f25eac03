"""``maxSlowdownPercent``: a floor under the GPUs' watts as far as the cap allows, and who said so."""

from datetime import timedelta

import numpy as np
import pytest

from common.algorithms.protocol import GUARANTEED
from common.algorithms.water_filling import divide
from common.api.policy import RackConstraint
from common.models.slowdown.table import read_table
from common.telemetry.load import LoadTable, Server
from recommender.logic.board_snapshot import board_snapshot
from recommender.logic.slowdowns import DECODE, WorkloadBoards, slowdown_floors, value_curves
from recommender.model.board import Board
from recommender.model.memory import Memory
from recommender.model.slowdowns import SlowdownLibrary
from tests.unit.recommender.builders import NOW, domain, policy
from tests.unit.recommender.scene import Scene


def limits(status):
    return {gpu.gpu_id: gpu.watts for node in status.recommendation.nodes for gpu in node.gpus}


def advised(memory=None, load=None, **spec):
    scene = Scene(memory=memory, policies=(policy(**spec),))
    if load is not None:
        scene.engine.load = load
    for second in (0, 5):
        scene.measure(250.0, NOW.timestamp() + second)
        scene.cycle(NOW + timedelta(seconds=second))
    return scene.advise(policy(**spec))


def test_a_floor_stands_in_status_with_its_interval_and_what_it_rests_on():
    (said,) = advised(power_cap_limit=800, max_slowdown_percent=10).recommendation.slowdowns
    assert said.workload == "Deployment/chat"
    assert said.basis == "LikeWorkloads"
    assert said.lower_bound <= said.watts_per_gpu <= said.upper_bound <= 300
    assert "at most 10 % slower" in said.reason
    assert "without a probe" in said.reason


def test_less_slowdown_allowed_means_a_higher_floor():
    watts = [
        advised(power_cap_limit=800, max_slowdown_percent=percent).recommendation.slowdowns[0].watts_per_gpu
        for percent in (2, 10, 30, 100)
    ]
    assert watts == sorted(watts, reverse=True)
    assert watts[0] > watts[-1]


def test_without_the_field_nothing_is_said():
    assert advised(power_cap_limit=800).recommendation.slowdowns == []


@pytest.mark.parametrize("cap", [400, 550, 700, 800, 900])
def test_the_cap_holds_whatever_slowdown_that_means(cap):
    status = advised(power_cap_limit=cap, max_slowdown_percent=1)
    assert sum(limits(status).values()) + 150 <= cap


BOARD = Board("GPU-0", "n1", 250.0, 100, 300, 270, 0, 1980)
BOARDS = [BOARD, Board("GPU-1", "n1", 250.0, 100, 300, 270, 0, 1980)]


def floors(percent=10, phase="", library=None, draw=250.0, **spec):
    wanted = policy(max_slowdown_percent=percent, **spec).spec
    workload = WorkloadBoards("Deployment/chat", BOARDS, draw, phase)
    return slowdown_floors(wanted, [workload], library or SlowdownLibrary())


def snapshot(budget, found, racks=()):
    return board_snapshot(policy(), BOARDS, budget, racks, throttle=False, floors=found)


def test_floors_that_fit_are_floors_of_the_boards():
    found = floors()
    made = snapshot(600, found)
    assert made.floor_watts.tolist() == [found.watts["GPU-0"]] * 2
    assert len(made.demand) == 1


def test_floors_that_do_not_fit_come_before_all_other_demand():
    found = floors(1)
    made = snapshot(300, found)
    assert made.floor_watts.tolist() == [100, 100]
    assert made.demand[0].priority == GUARANTEED
    assert made.demand[0].watts.tolist() == [found.watts["GPU-0"] - 100] * 2


def test_a_racks_cap_counts_as_well():
    tree = (domain("r1", selector={"rack": "r1"}),)
    spec = {"max_slowdown_percent": 1, "rack_constraints": [RackConstraint(rack_id="r1", max_power=450)]}
    scene = Scene(policies=(), domains=tree)
    scene.measure()
    scene.cycle()
    assert sum(limits(scene.advise(policy(power_cap_limit=900, **spec))).values()) <= 450


def test_value_curves_are_concave_and_add_up_to_what_is_asked():
    found = floors()
    curves = value_curves(["GPU-0", "GPU-1"], found, [120, 150], [150, 91])
    assert curves.step_watts.sum(axis=1).tolist() == [150, 91]
    assert (np.diff(curves.value_per_watt, axis=1) <= 1e-12).all()
    assert curves.value_per_watt[0, 0] > curves.value_per_watt[0, -1]


def test_between_workloads_the_one_that_loses_most_gets_more():
    hungry, modest = (
        WorkloadBoards(f"Deployment/{name}", [board], draw)
        for name, board, draw in (("hungry", BOARDS[0], 300.0), ("modest", BOARDS[1], 170.0))
    )
    wanted = policy(max_slowdown_percent=90).spec
    found = slowdown_floors(wanted, [hungry, modest], SlowdownLibrary())
    watts = divide(snapshot(450, found))
    assert watts.sum() == 450
    assert watts[0] > watts[1]


TABLE = ["workload,power_limit,seconds,average_power"]
TABLE += [f"{name},{limit},{10 * (300 / limit) ** power:.2f},{limit}" for name, power in (
    ("a", 0.3), ("b", 0.9), ("Deployment/chat", 0.6)) for limit in (100, 150, 200, 250, 300)]  # fmt: skip


def test_own_times_in_a_table_count_as_probes():
    found = floors(library=SlowdownLibrary([read_table(TABLE)]))
    assert found.advice[0].basis == "Probes"
    exact = 300 / 1.1 ** (1 / 0.6)
    assert found.advice[0].watts_per_gpu == pytest.approx(exact, rel=0.05)


def test_a_table_of_another_kind_of_gpu_is_not_used():
    other = [row.replace(",300,", ",700,") for row in TABLE]
    assert floors(library=SlowdownLibrary([read_table(other)])).advice[0].basis == "LikeWorkloads"


def test_decode_alone_is_bounded_by_clock_and_needs_fewer_watts():
    prefill, decode = floors(phase="Prefill").advice[0], floors(phase=DECODE).advice[0]
    assert decode.basis == DECODE
    assert decode.frequency < prefill.frequency < 1980
    assert decode.lower_bound <= decode.watts_per_gpu <= decode.upper_bound


def test_training_knows_no_phases():
    assert floors(phase=DECODE, workload_type="Training").advice[0].basis == "LikeWorkloads"


def test_the_phase_is_told_by_the_load_of_the_servers():
    servers = tuple(Server("ns", name, "m") for name in ("p0", "p1", "p2"))
    column = np.ones(3)
    load = LoadTable(servers, column, column, column, 500 * column, 0 * column, column, column, column)
    (said,) = advised(load=load, power_cap_limit=800, max_slowdown_percent=10).recommendation.slowdowns
    assert said.basis == DECODE


def test_memory_with_a_library_is_used():
    memory = Memory(slowdowns=SlowdownLibrary([read_table(TABLE)]))
    (said,) = advised(memory, power_cap_limit=800, max_slowdown_percent=10).recommendation.slowdowns
    assert said.basis == "Probes"
