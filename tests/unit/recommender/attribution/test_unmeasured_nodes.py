"""Nodes that nobody measures are estimated, and marked; nodes measured in part say so too."""

from dataclasses import replace

import pytest

from recommender.logic.attribution.estimates import IDLE_SHARE
from tests.unit.recommender.attribution.cases import board, draws_of, node_view, pods


def test_devices_and_requests_make_the_estimate():
    draws = draws_of(pods("p"), nodes={"n1": node_view()})
    node = draws.estimates["n1"]
    assert "n1" not in draws.nodes
    assert (node.estimated, node.pods_watts, node.idle_watts) == (True, 300.0, IDLE_SHARE * 300)
    assert node.unattributed_watts == 400.0, "what the nameplate leaves besides the GPUs"
    assert node.total_watts == pytest.approx(300 + IDLE_SHARE * 300 + 400)
    assert draws.estimated_pods == {"ns/p": 300.0}


def test_a_limit_in_force_bounds_the_estimate():
    draws = draws_of(pods("p"), nodes={"n1": node_view(limit=200)})
    assert draws.estimated_pods == {"ns/p": 200.0}


def test_watts_reserved_at_admission_count_before_the_devices():
    (pod,) = pods("p")
    draws = draws_of([replace(pod, reserved_watts=250)], nodes={"n1": node_view()})
    assert draws.estimated_pods == {"ns/p": 250.0}


def test_with_a_nameplate_alone_the_nameplate_counts():
    draws = draws_of([], nodes={"n1": node_view(gpus=0)})
    assert draws.estimates["n1"].total_watts == 1000.0


def test_a_node_of_which_nothing_is_known_is_absent():
    draws = draws_of([], nodes={"n1": node_view(gpus=0, nameplate=0)})
    assert not draws.estimates


def test_a_measured_node_is_not_estimated():
    draws = draws_of(pods("p"), nodes={"n1": node_view()}, climatik=[(("node", "n1"), 450.0)])
    assert not draws.estimates
    assert (draws.nodes["n1"].total_watts, draws.nodes["n1"].estimated) == (450.0, False)


def test_where_only_gpus_are_measured_the_rest_of_the_nameplate_is_added_and_marked():
    rows = [(board("n1-G0", "p"), 250.0), (board("n1-G1"), 50.0)]
    node = draws_of(pods("p"), nodes={"n1": node_view()}, dcgm=rows).nodes["n1"]
    assert node.estimated
    assert (node.total_watts, node.pods_watts, node.idle_watts) == (700.0, 250.0, 50.0)
    assert node.unattributed_watts == 400.0


def test_where_processors_are_measured_too_nothing_is_added():
    rows = [(board("n1-G0", "p"), 250.0), (("package", "n1", "0"), 90.0)]
    node = draws_of(pods("p"), nodes={"n1": node_view()}, climatik=rows).nodes["n1"]
    assert (node.total_watts, node.estimated) == (340.0, False)
