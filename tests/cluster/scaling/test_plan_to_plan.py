"""From one plan of the recommender to the next, over KEDA, and never over the cap in between."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from common.api.autoscaling import SCALED_OBJECTS
from common.api.core import PODS
from common.kube.informer import Informer
from deploy.local.cluster import LocalCluster
from deploy.local.keda import Keda
from deploy.local.processes import Process, start
from deploy.local.prometheus import Prometheus

from .conftest import Place, running
from .inference import FULL_WATTS, MOST_TOKENS, Inference
from .services import load, scaled

SERVICES = ("chat", "code", "search")
UPPER = 1.1
"""Of the draw: more than what the plan's upper quantile comes to."""
CAP_WATTS = round(9.3 * UPPER * FULL_WATTS)
"""Carries either plan; both at once would be fourteen replicas."""
BEFORE = {"chat": 5.6, "code": 1.6, "search": 1.6}
AFTER = {"chat": 1.6, "code": 1.6, "search": 5.6}
"""What users ask for, in replicas."""
_REPOSITORY = Path(__file__).resolve().parents[3]


class Watch:
    """Follows the pods of the namespace, and notes the most that they could draw at any instant."""

    def __init__(self, place: Place) -> None:
        self.pods: Informer[Any] = Informer(place.client, PODS, namespace=place.namespace)
        self.inference = Inference(self.pods, place.node, _tokens(BEFORE))
        self.highest_watts = 0.0
        self.pods.on_change(lambda _old, _new: self.note())
        place.background.append(asyncio.create_task(self.pods.run()))

    def begin(self) -> None:
        """Forgets what was seen so far."""
        self.highest_watts = 0.0
        self.note()

    def note(self) -> None:
        self.highest_watts = max(self.highest_watts, UPPER * self.inference.watts())


@pytest.fixture
async def watch(place: Place) -> AsyncIterator[Watch]:
    made = Watch(place)
    await made.pods.wait_synced()
    yield made
    made.inference.close()


@pytest.fixture
def recommender(cluster: LocalCluster, watch: Watch, tmp_path: Path) -> Iterator[Process]:
    """Starts a Prometheus and a recommender that plans; both are stopped at the end."""
    job = {"job_name": "inference", "static_configs": [{"targets": [watch.inference.address]}]}
    with Prometheus(tmp_path / "prometheus", scrape_configs=[job | {"honor_labels": True}]) as prometheus:
        kubeconfig = cluster.kubeconfig_for("climatik-recommender")
        command = [sys.executable, "-m", "recommender", "--kubeconfig", str(kubeconfig), "--plan-ceilings"]
        command += ["--prometheus-url", prometheus.url, "--interval-seconds", "1", "--load-seconds", "4"]
        command += ["--detect-seconds", "1", "--refresh-seconds", "2", "--checkpoint-config-maps=false"]
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_REPOSITORY)}
        process = start("recommender", command, log=tmp_path / "recommender.log", environ=environ)
        yield process
        process.stop()


@pytest.mark.timeout(240)
async def test_the_sum_stays_under_the_cap_from_plan_to_plan(
    place: Place, keda: Keda, watch: Watch, recommender: Process
) -> None:
    for name in SERVICES:
        await scaled(place, name, replicas=3, maxReplicaCount=8)
    update = {"updateMode": "Auto", "levers": ["Scale"], "minReplicas": 1}
    await place.policy(powerCapLimit=CAP_WATTS, updatePolicy=update)
    async with running(place):
        await place.until(lambda: _planned(place), "a plan")
        place.background.append(asyncio.create_task(load(place.client, place.namespace)))
        await place.until(lambda: _ceilings(place, chat=5, search=3), "the first plan in force", 90)
        watch.begin()
        watch.inference.demand = _tokens(AFTER)
        await place.until(lambda: _ceilings(place, search=5, chat=3), "the second plan in force", 90)
        await place.until(lambda: _pods(place, "search", 5), "its pods")
        assert watch.highest_watts <= CAP_WATTS


def _tokens(replicas: dict[str, float]) -> dict[str, float]:
    return {name: MOST_TOKENS * count for name, count in replicas.items()}


async def _planned(place: Place) -> bool:
    advice = (await place.the_policy()).status.recommendation
    return bool(advice and advice.replicas) and all(
        one.reason.startswith("planned") for one in advice.replicas
    )


async def _ceilings(place: Place, **bounds: int) -> bool:
    """Whether the first service named may have at least so many, and the second at most so many."""
    (many, least), (few, most) = bounds.items()
    allowed = {name: (await place.spec(SCALED_OBJECTS, name))["maxReplicaCount"] for name in (many, few)}
    return bool(allowed[many] >= least and allowed[few] <= most)


async def _pods(place: Place, name: str, least: int) -> bool:
    return await place.pods(name) >= least
