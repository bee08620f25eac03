"""Short ways to say what was measured, and to attribute it."""

from recommender.logic.attribute import attribute
from recommender.model.nodes import GpuView, NodeView
from tests.unit.recommender.builders import SOURCES, pod_view, table

AT = 1000.0


def board(uuid, pod="", node="n1", container=""):
    return ("gpu", node, uuid, "ns" if pod else "", pod, container)


def use(uuid, pod, node="n1"):
    return ("gpu-use", node, uuid, "ns", pod)


def draws_of(pods, *, nodes=None, ended=(), **sources):
    rows = {name.replace("_0_9", "-0.9"): value for name, value in sources.items()}
    return attribute(table(**rows), pods, SOURCES, nodes=nodes, ended=ended, at=AT)


def pods(*names, **fields):
    return [pod_view(name, **fields) for name in names]


def node_view(name="n1", *, gpus=2, maximum=300, nameplate=1000, limit=0):
    boards = tuple(
        GpuView(f"{name}-G{number}", maximum_watts=maximum, limit_watts=limit) for number in range(gpus)
    )
    return NodeView(name, {}, nameplate_watts=nameplate, vouched=True, gpus=boards)


def error_percent(draws, node, on_node):
    """How far pods + idle + unattributed are from the node's total; pods as they are told one by one."""
    draw = draws.nodes[node]
    pods = sum(one.watts for one in on_node)
    parts = pods + draw.idle_watts + draw.unattributed_watts
    return 100 * abs(parts - draw.total_watts) / max(draw.total_watts, 1e-9)
