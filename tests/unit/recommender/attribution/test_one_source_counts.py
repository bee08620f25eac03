"""Where several sources measure one thing, one of them counts; never their sum."""

import pytest

from tests.unit.recommender.attribution.cases import board, draws_of, node_view, pods


def test_two_generations_of_a_meter_of_pods_on_one_node_count_once():
    draws = draws_of(
        pods("p"),
        kepler=[(("pod", "n1", "", "ns", "p"), 30.0)],
        kepler_0_9=[(("pod", "", "", "ns", "p", "server"), 28.0)],
    )
    assert draws.pods["ns/p"].host_watts == 30.0
    assert draws.pods["ns/p"].source == "kepler"


def test_a_node_whose_better_source_is_silent_takes_the_next_one():
    draws = draws_of(pods("p"), kepler_0_9=[(("pod", "", "", "ns", "p", "server"), 28.0)])
    assert (draws.pods["ns/p"].host_watts, draws.pods["ns/p"].source) == (28.0, "kepler-0.9")


def test_nodes_choose_for_themselves():
    draws = draws_of(
        [*pods("p"), *pods("q", node="n2")],
        kepler=[(("pod", "n1", "", "ns", "p"), 30.0)],
        kepler_0_9=[(("pod", "", "", "ns", "p"), 28.0), (("pod", "", "", "ns", "q"), 7.0)],
    )
    assert [draws.pods[key].host_watts for key in ("ns/p", "ns/q")] == [30.0, 7.0]


def test_containers_of_one_source_add_up_to_their_pod():
    rows = [(("pod", "", "", "ns", "p", name), watts) for name, watts in (("server", 20.0), ("sidecar", 5.0))]
    pod = draws_of(pods("p"), kepler_0_9=rows).pods["ns/p"]
    assert pod.host_watts == 25.0
    assert dict(pod.containers) == {"server": 20.0, "sidecar": 5.0}


def test_containers_of_a_finer_meter_split_the_watts_of_the_pod():
    told = (("server", 9.0), ("sidecar", 1.0))
    rows = [(("container", "n1", "", "ns", "p", name), watts) for name, watts in told]
    pod = draws_of(pods("p"), kepler=[(("pod", "n1", "", "ns", "p"), 30.0), *rows]).pods["ns/p"]
    assert dict(pod.containers) == pytest.approx({"server": 27.0, "sidecar": 3.0})


def test_a_board_that_two_sources_measure_counts_once():
    draws = draws_of(
        pods("p"),
        dcgm=[(board("G1", "p"), 240.0)],
        kepler=[(board("G1"), 230.0)],
    )
    assert (draws.gpus["G1"], draws.nodes["n1"].total_watts) == (240.0, 240.0)


def test_a_source_that_names_a_container_counts_before_one_that_does_not():
    named, bare, other = board("G1", "p", container="server"), board("G1", "p"), board("G1", "q")
    draws = draws_of(pods("p", "q"), dcgm=[(row, 300.0) for row in (named, bare, other)])
    assert [draws.pods[key].gpu_watts for key in ("ns/p", "ns/q")] == [150.0, 150.0]


def test_a_board_is_where_its_agent_says():
    draws = draws_of(
        pods("p", node="n2"), nodes={"n1": node_view("n1"), "n2": node_view("n2")},
        dcgm=[(board("n1-G0", "p", node="pod-of-the-exporter"), 240.0)],
    )  # fmt: skip
    assert draws.gpu_node["n1-G0"] == "n1"
    assert "ns/p" not in draws.pods, "a pod on another node cannot hold it"
    assert draws.nodes["n1"].idle_watts == 240.0
