"""Whatever is measured: parts sum to the whole, nothing is negative, order does not matter."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.telemetry.table import Place, PowerTable, make_table
from recommender.logic.attribute import attribute
from tests.unit.recommender.attribution.cases import AT, error_percent, node_view
from tests.unit.recommender.builders import SOURCES, pod_view

SCOPES = ("node", "package", "package-idle", "gpu", "gpu-use", "pod", "pod-gpu", "container")
BAD = [float("nan"), float("inf"), -float("inf"), -5.0, 9.2e18, -1e300]


@st.composite
def scenes(draw, *, bad=False):
    """A cluster, whatever exporters may say of it, and a permutation of the rows."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    nodes = [f"n{number}" for number in range(draw(st.integers(1, 4)))]
    pods = [_pod(f"p{number}", nodes, random) for number in range(draw(st.integers(0, 6)))]
    ended = [
        replace(_pod(f"e{number}", nodes, random), ended=AT - random.uniform(0, 90))
        for number in range(draw(st.integers(0, 3)))
    ]
    views = {
        name: node_view(name, gpus=int(random.integers(0, 3))) for name in nodes if random.random() < 0.7
    }
    count = draw(st.integers(0, 40))
    places = [_place(nodes, [*pods, *ended], random) for _ in range(count)]
    watts = random.uniform(0, 800, count) * (random.random(count) < 0.9)
    if bad:
        broken = random.random(count) < 0.4
        watts[broken] = random.choice(BAD, int(broken.sum()))
    sources = random.choice([*SOURCES, "unheard-of"], count)
    table = _table(places, watts, sources, random.uniform(0, 40, count))
    return table, pods, views, ended, random.permutation(count)


def _pod(name, nodes, random):
    pod = pod_view(name, str(random.choice(nodes)), gpus=int(random.integers(0, 3)))
    return replace(pod, started=AT - random.uniform(-5, 60)) if random.random() < 0.5 else pod


def _place(nodes, pods, random):
    node = str(random.choice([*nodes, "elsewhere", ""]))
    device = f"{random.choice(nodes)}-G{random.integers(0, 3)}" if random.random() < 0.9 else ""
    pod = pods[random.integers(len(pods))].name if pods and random.random() < 0.6 else ""
    container = str(random.choice(["", "server", "sidecar"]))
    return Place(str(random.choice(SCOPES)), node, device, "ns" if pod else "", pod, container)


def _table(places, watts, sources, ages):
    made = make_table("", places, np.array(watts, dtype=float), np.array(ages, dtype=float))
    column = np.empty(len(places), dtype=object)
    column[:] = [str(source) for source in sources]
    return PowerTable(**vars(made) | {"source": column})


def solve(scene, order=None):
    table, pods, views, ended, _ = scene
    rows = table if order is None else PowerTable(*(column[order] for column in vars(table).values()))
    return attribute(rows, pods, SOURCES, nodes=views, ended=ended, at=AT)


@given(scenes())
@settings(max_examples=300)
def test_pods_idle_and_unattributed_sum_to_the_node(scene):
    draws = solve(scene)
    place = {pod.key: pod.node for pod in (*scene[1], *scene[3])}
    drawn = [*draws.pods.items(), *draws.ended.items()]
    for name, node in draws.nodes.items():
        mine = [draw for key, draw in drawn if place[key] == name]
        assert error_percent(draws, name, mine) < 1e-6
        assert sum(draw.watts for draw in mine) == pytest.approx(node.pods_watts, abs=1e-6)
    for _, draw in drawn:
        assert sum(draw.containers.values()) == pytest.approx(draw.watts, abs=1e-6)


@given(scenes(bad=True))
@settings(max_examples=300)
def test_nothing_is_negative_or_beyond_what_a_node_can_draw_whatever_comes_in(scene):
    draws = solve(scene)
    for node in (*draws.nodes.values(), *draws.estimates.values()):
        assert all(0 <= watts < 1e8 for watts in node[:4])
    for draw in (*draws.pods.values(), *draws.ended.values()):
        assert all(0 <= watts < 1e8 for watts in (draw.gpu_watts, draw.host_watts, *draw.containers.values()))
    assert all(0 <= watts <= 1e6 for watts in draws.gpus.values())


@given(scenes(bad=True))
@settings(max_examples=200)
def test_the_order_of_the_rows_does_not_matter(scene):
    one, other = solve(scene), solve(scene, scene[4])
    assert one.nodes.keys() == other.nodes.keys()
    assert one.gpu_node == other.gpu_node
    for name, node in one.nodes.items():
        assert node[:4] == pytest.approx(other.nodes[name][:4], abs=1e-6)
        assert node.source == other.nodes[name].source
    assert one.pods.keys() == other.pods.keys()
    for key, draw in one.pods.items():
        again = other.pods[key]
        assert (draw.gpu_watts, draw.host_watts) == pytest.approx(
            (again.gpu_watts, again.host_watts), abs=1e-6
        )
        assert set(draw.gpus) == set(again.gpus)


@given(scenes(), st.integers(0, 2**32 - 1))
@settings(max_examples=100)
def test_the_order_of_the_pods_does_not_matter(scene, seed):
    table, pods, views, ended, _ = scene
    mixed = [pods[number] for number in np.random.default_rng(seed).permutation(len(pods))]
    one, other = solve(scene), solve((table, mixed, views, ended, None))
    assert {key: pytest.approx(draw.watts, abs=1e-6) for key, draw in one.pods.items()} == {
        key: draw.watts for key, draw in other.pods.items()
    }
