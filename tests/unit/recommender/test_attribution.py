"""Whose watts: GPUs to their pods, processors by meter or by GPUs, the rest shown as it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.logic.attribute import attribute
from tests.unit.recommender.builders import SOURCES, pod_view, table


def draws_of(pods, **sources):
    return attribute(table(**sources), pods, SOURCES)


def board(node, uuid, namespace="", pod="", container=""):
    return ("gpu", node, uuid, namespace, pod, container)


def test_a_gpu_belongs_to_the_pod_that_holds_it():
    draws = draws_of(
        [pod_view("p")],
        climatik=[(board("n1", "G1"), 250.0)],
        dcgm=[(board("host-7", "G1", "ns", "p", "server"), 240.0)],
    )
    pod = draws.pods["ns/p"]
    assert (pod.gpu_watts, pod.gpus, dict(pod.containers)) == (250.0, ("G1",), {"server": 250.0})
    assert draws.gpu_node["G1"] == "n1"


def test_mig_rows_repeat_the_board_and_are_not_summed():
    rows = [(board("n1", "G1", "ns", name), 300.0) for name in ("a", "b", "c")]
    draws = draws_of([pod_view(name) for name in "abc"], dcgm=rows)
    assert draws.gpus["G1"] == 300.0
    assert [draws.pods[f"ns/{name}"].gpu_watts for name in "abc"] == [100.0] * 3


def test_a_gpu_that_nobody_holds_is_idle():
    draws = draws_of([], climatik=[(("node", "n1"), 500.0), (board("n1", "G1"), 60.0)])
    node = draws.nodes["n1"]
    assert (node.idle_watts, node.pods_watts, node.unattributed_watts) == (60.0, 0.0, 440.0)


def test_an_exporter_that_names_an_ended_pod_is_not_believed():
    draws = draws_of([], dcgm=[(board("n1", "G1", "ns", "ended"), 60.0)])
    assert not draws.pods
    assert draws.nodes["n1"].idle_watts == 60.0


def test_without_a_meter_by_pod_the_processors_follow_the_gpus():
    draws = draws_of(
        [pod_view("p")],
        climatik=[(("package", "n1", "0"), 100.0), (board("n1", "G1"), 250.0), (board("n1", "G2"), 50.0)],
        dcgm=[(board("n1", "G1", "ns", "p"), 250.0)],
    )
    pod = draws.pods["ns/p"]
    assert (pod.host_watts, pod.host_estimated) == (50.0, True)


def test_a_meter_by_pod_counts_before_the_estimate():
    draws = draws_of(
        [pod_view("p")],
        climatik=[(("package", "n1", "0"), 100.0), (board("n1", "G1"), 250.0)],
        dcgm=[(board("n1", "G1", "ns", "p"), 250.0)],
        kepler=[(("pod", "", "", "ns", "p"), 30.0), (("package", "n1", "package"), 90.0)],
    )
    pod = draws.pods["ns/p"]
    assert (pod.host_watts, pod.host_estimated) == (30.0, False)
    assert "kepler" in pod.source


def test_the_better_source_counts_where_two_measure_one_thing():
    draws = draws_of(
        [], climatik=[(("package", "n1", "0"), 80.0)], kepler=[(("package", "n1", "package"), 300.0)]
    )
    assert draws.nodes["n1"].total_watts == 80.0


def test_without_a_container_label_the_container_that_holds_gpus_counts():
    draws = draws_of([pod_view("p")], dcgm=[(board("n1", "G1", "ns", "p"), 250.0)])
    assert dict(draws.pods["ns/p"].containers) == {"server": 250.0}


def test_parts_that_are_more_than_the_whole_count():
    draws = draws_of([], climatik=[(("node", "n1"), 100.0), (board("n1", "G1"), 150.0)])
    assert draws.nodes["n1"].total_watts == 150.0


WATTS = st.floats(0, 1000, allow_nan=False)


@given(st.data())
@settings(max_examples=80)
def test_pods_idle_and_unattributed_sum_to_the_node(data):
    nodes = [f"n{i}" for i in range(data.draw(st.integers(1, 4)))]
    pods = [pod_view(f"p{i}", data.draw(st.sampled_from(nodes))) for i in range(data.draw(st.integers(0, 6)))]
    climatik, dcgm, kepler = [], [], []
    for node in nodes:
        if data.draw(st.booleans()):
            climatik.append((("node", node), data.draw(WATTS)))
        if data.draw(st.booleans()):
            climatik.append((("package", node, "0"), data.draw(WATTS)))
        local = [pod for pod in pods if pod.node == node]
        for number in range(data.draw(st.integers(0, 3))):
            uuid = f"{node}-G{number}"
            climatik.append((board(node, uuid), data.draw(WATTS)))
            holders = data.draw(st.lists(st.sampled_from(local), max_size=2)) if local else []
            dcgm += [(board(node, uuid, "ns", holder.name), data.draw(WATTS)) for holder in holders]
        kepler += [
            (("pod", "", "", "ns", one.name), data.draw(WATTS)) for one in local if data.draw(st.booleans())
        ]
    draws = draws_of(pods, climatik=climatik, dcgm=dcgm, kepler=kepler)
    by_node = {pod.key: pod.node for pod in pods}
    for name, node in draws.nodes.items():
        assert node.unattributed_watts >= -1e-6
        parts = node.pods_watts + node.idle_watts + node.unattributed_watts
        assert parts == pytest.approx(node.total_watts, rel=1e-9, abs=1e-6)
        mine = sum(draw.watts for key, draw in draws.pods.items() if by_node[key] == name)
        assert mine == pytest.approx(node.pods_watts, abs=1e-6)
    for draw in draws.pods.values():
        assert sum(draw.containers.values()) == pytest.approx(draw.watts, abs=1e-6)


def test_two_generations_of_a_meter_on_one_node_count_once():
    draws = attribute(
        table(
            **{
                "kepler": [(("pod", "n1", "", "ns", "p"), 30.0)],
                "kepler-0.9": [(("pod", "", "", "ns", "p", "server"), 28.0)],
            }
        ),
        [pod_view("p")],
        SOURCES,
    )
    assert draws.pods["ns/p"].host_watts == 30.0
