"""Where no source tells who holds which GPU, the pods' requests stand in, and it is marked."""

from tests.unit.recommender.attribution.cases import board, draws_of, pods

BOARDS = [(board("G1"), 300.0), (board("G2"), 250.0), (board("G3"), 60.0)]


def test_the_busiest_boards_go_to_the_pods_that_request_them():
    draws = draws_of(pods("a", "b"), climatik=BOARDS)
    assert [draws.pods[key].gpu_watts for key in ("ns/a", "ns/b")] == [275.0, 275.0]
    assert all(draw.gpu_estimated and draw.gpus == () for draw in draws.pods.values())
    assert draws.nodes["n1"].idle_watts == 60.0
    assert not any(draws.holders.values()), "whose board is whose stays open"


def test_a_pod_that_requests_every_board_of_its_node_holds_them():
    draws = draws_of(pods("a", gpus=3), climatik=BOARDS)
    assert draws.pods["ns/a"].gpus == ("G1", "G2", "G3")
    assert draws.pods["ns/a"].gpu_watts == 610.0
    assert draws.holders["G3"] == ("ns/a",)


def test_more_requests_than_boards_never_make_more_watts():
    draws = draws_of(pods("a", "b", gpus=3), climatik=BOARDS)
    assert sum(draw.gpu_watts for draw in draws.pods.values()) == 610.0


def test_pods_without_a_request_get_nothing():
    draws = draws_of(pods("a", gpus=0), climatik=BOARDS)
    assert not draws.pods
    assert draws.nodes["n1"].idle_watts == 610.0


def test_on_a_node_where_any_holder_is_told_requests_do_not_count():
    draws = draws_of(pods("a", "b"), climatik=BOARDS, dcgm=[(board("G3", "a"), 60.0)])
    assert draws.pods["ns/a"].gpu_watts == 60.0
    assert "ns/b" not in draws.pods


def test_a_board_of_which_nobody_tells_the_node_is_nobodys_in_a_cluster_without_nodes():
    draws = draws_of([], dcgm=[(board("G1", node=""), 300.0)])
    assert draws.gpus == {"G1": 300.0}
    assert draws.holders == {"G1": ()}
