"""Processors without work are idle as far as their meter tells, and never more than pods leave of them."""

import pytest

from tests.unit.recommender.attribution.cases import draws_of, pods


@pytest.mark.parametrize(
    ("idle", "of_pod", "expected"),
    [(40.0, 30.0, (30.0, 40.0, 30.0)), (90.0, 30.0, (30.0, 70.0, 0.0)), (0.0, 30.0, (30.0, 0.0, 70.0))],
    ids=["as-told", "at-most-what-pods-leave", "none"],
)
def test_pods_idle_and_the_rest_of_100_watts(idle, of_pod, expected):
    rows = [
        (("package", "n1", "package"), 100.0), (("package-idle", "n1", "package"), idle),
        (("pod", "n1", "", "ns", "p"), of_pod),
    ]  # fmt: skip
    node = draws_of(pods("p"), kepler=rows).nodes["n1"]
    assert (node.pods_watts, node.idle_watts, node.unattributed_watts) == expected
    assert node.total_watts == 100.0
