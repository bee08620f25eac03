"""A small world with an engine over it, whose telemetry the test decides."""

import numpy as np
from prometheus_client import CollectorRegistry

from common.telemetry.dialects import DIALECTS
from common.telemetry.reading import Reading
from recommender.engine import Engine
from recommender.model.memory import Memory
from recommender.model.world import Objects
from recommender.output.metrics import RecommenderMetrics
from tests.unit.recommender import builders
from tests.unit.recommender.builders import NOW

AT = NOW.timestamp()


class FakeMeter:
    """Holds whatever reading the test puts there."""

    def __init__(self):
        self.dialects = DIALECTS
        self.last = None
        self.problem = "power has not been read yet"
        self.origin = ""

    def show(self, table, at=AT):
        self.last = Reading(at, table, tuple(dict.fromkeys(table.source)))
        self.problem = ""


class Scene:
    """Two nodes of two 300 W GPUs; pods p0, p1 on n1 and p2 on n2 hold one GPU each at 250 W."""

    def __init__(self, *, memory=None, **objects):
        self.meter = FakeMeter()
        self.memory = memory or Memory()
        self.metrics = RecommenderMetrics(CollectorRegistry())
        self.engine = Engine(self.meter, self.metrics, self.memory)
        self.objects = Objects(
            pods=(builders.pod("p0", "n1"), builders.pod("p1", "n1"), builders.pod("p2", "n2")),
            nodes=(builders.node("n1"), builders.node("n2")),
            frequencies=(builders.frequencies("n1"), builders.frequencies("n2")),
            **objects,
        )

    def measure(self, watts=250.0, at=AT):
        held = {"GPU-n1-0": "p0", "GPU-n1-1": "p1", "GPU-n2-0": "p2", "GPU-n2-1": ""}
        agents = [(("node", node), 400 + 2 * watts) for node in ("n1", "n2")]
        agents += [(("package", node, "0"), 100.0) for node in ("n1", "n2")]
        agents += [(("gpu", uuid[4:6], uuid), watts) for uuid in held]
        dcgm = [(("gpu", uuid[4:6], uuid, "ns", pod, "server"), watts) for uuid, pod in held.items() if pod]
        table = builders.table(climatik=agents, dcgm=dcgm)
        self.meter.show(table, at)
        return table

    def cycle(self, now=NOW):
        self.engine.cycle(self.objects, now)
        return self

    def advise(self, policy, now=NOW):
        return self.engine.advise(policy, now)[1]


def aged(table, seconds):
    """The same rows, older."""
    columns = vars(table) | {"age_seconds": np.full(len(table), float(seconds))}
    return type(table)(**columns)
