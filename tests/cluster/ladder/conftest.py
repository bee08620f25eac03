"""A node, two workloads under one policy, a recommender that a test speaks for, and a running actuator."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from actuator.config import ActuatorSettings
from common.api.core import PODS, Pod
from common.api.decisions import RECORD_NAME, RECORDS, Record, decode_record
from common.api.meta import rfc3339
from common.api.policy import POLICIES
from common.kube.client import Client
from common.kube.config_sources import load_config
from common.kube.errors import NotFound
from deploy.local.cluster import LocalCluster
from tests.cluster.admission.objects import pool_of
from tests.cluster.admission.webhook import Webhook
from tests.cluster.admission.webhook import running as running_webhook
from tests.cluster.in_process import running_actuator, until, working

HOME = "climatik-project"
WATTS = {"big": 400, "small": 150}
REPLICAS = {"big": 2, "small": 3}
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def webhook(cluster: LocalCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    """A webhook that serves and is registered while the tests of a file run."""
    with running_webhook(cluster, tmp_path_factory.mktemp("webhook")) as started:
        yield started


@pytest.fixture(scope="module")
def pool(cluster: LocalCluster) -> Iterator[str]:
    """A node that offers watts."""
    with pool_of(cluster, 20_000) as name:
        yield name


@dataclass
class Arena:
    """What a test works with."""

    cluster: LocalCluster
    client: Client
    namespace: str
    pool: str
    settings: ActuatorSettings
    draw_watts: int = 1250
    cap_watts: int = 1150
    stale: bool = False
    silent: bool = False
    born: dict[str, str] = field(default_factory=dict)
    registry: CollectorRegistry | None = None

    async def make_policy(self, mode: str = "Auto") -> None:
        levers = {"levers": ["Evict"]} if mode == "Auto" else {}
        spec = {
            "powerCapLimit": self.cap_watts,
            "selector": {"matchLabels": {"team": "llm"}},
            "updatePolicy": {"updateMode": mode, **levers},
        }
        await self.client.create(POLICIES, {"metadata": {"name": "cap"}, "spec": spec}, self.namespace)
        await asyncio.sleep(1.1)  # creation times have whole seconds: pods have to be younger than the policy

    async def make_workloads(self) -> None:
        """Makes both Deployments and waits until all their pods run."""
        for name, count in REPLICAS.items():
            body = _deployment(name, count, self.pool)
            self.cluster.kubectl("apply", "-n", self.namespace, "-f", "-", input=json.dumps(body))
        await self.until(self._all_run, "running pods", 60)
        self.born = {pod.metadata.uid: pod.metadata.labels["app"] for pod in await self.pods()}

    async def _all_run(self) -> bool:
        return sum(p.status.phase == "Running" for p in await self.pods()) == sum(REPLICAS.values())

    async def pods(self) -> list[Pod]:
        return (await self.client.list(PODS, self.namespace)).items

    async def evicted(self) -> list[str]:
        """Returns the workloads of the first pods that are gone or on their way out."""
        present = {p.metadata.uid for p in await self.pods() if not p.metadata.deletion_timestamp}
        return sorted(app for uid, app in self.born.items() if uid not in present)

    async def record(self) -> Record:
        try:
            return decode_record(await self.client.get(RECORDS, RECORD_NAME, HOME))
        except NotFound:
            return Record()

    async def reasons(self) -> set[str]:
        """Returns the reasons of all refusals on record about this namespace."""
        found = (await self.record()).decisions
        return {one.reason for one in found if f"policy/{self.namespace}/" in one.subject}

    async def until(self, check: Callable[[], Awaitable[object]], what: str, seconds: float = 60.0) -> None:
        await until(check, what, seconds, self.record)

    def sample(self, name: str) -> float:
        """Returns a metric of the actuator that runs, or ran last."""
        assert self.registry is not None
        value = self.registry.get_sample_value(name)
        assert value is not None, name
        return value

    async def until_refused(self, reason: str) -> None:
        async def refused() -> bool:
            return reason in await self.reasons()

        await self.until(refused, f"a refusal {reason}")

    async def advise(self) -> None:
        """Speaks for the recommender once a second."""
        while True:
            if not self.silent:
                with contextlib.suppress(NotFound):
                    await self.client.patch(
                        POLICIES, "cap", {"status": self._status()}, self.namespace, subresource="status"
                    )
            await asyncio.sleep(0.5)

    def _status(self) -> dict[str, Any]:
        rows = [
            {
                "workload": f"Deployment/{name}", "container": "server", "pods": REPLICAS[name],
                "current": watts, "target": watts, "lowerBound": watts, "upperBound": watts,
                "uncappedTarget": watts,
            }
            for name, watts in WATTS.items()
        ]  # fmt: skip
        stale = "True" if self.stale else "False"
        return {
            "lastUpdated": rfc3339(datetime.now(UTC) + timedelta(seconds=1)),
            "observedGeneration": 99,
            "effectiveCapWatts": self.cap_watts,
            "currentPower": {"watts": self.draw_watts, "pods": 5, "measuredPods": 5, "source": "test"},
            "recommendation": {"containers": rows},
            "conditions": [
                _condition("TelemetryStale", stale, "SourceSilent" if self.stale else "Fresh"),
                _condition("Acting", "True", "LeversAllowed"),
            ],
        }


@contextlib.asynccontextmanager
async def running(arena: Arena, **settings: Any) -> AsyncIterator[None]:
    """An actuator in this process, stopped at the end."""
    async with running_actuator(replace(arena.settings, **settings)) as service:
        arena.registry = service.registry
        yield


@pytest.fixture
async def arena(
    cluster: LocalCluster, namespace: str, pool: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Arena]:
    monkeypatch.setattr("common.webhook.effect.SETTLED", timedelta(0))
    monkeypatch.setattr("actuator.audit.desk.RECORD_SECONDS", 0.5)  # tests read refusals in the record
    cluster.kubectl("delete", "configmap", RECORD_NAME, "-n", HOME, "--ignore-not-found")
    settings = ActuatorSettings(
        kubeconfig=str(cluster.kubeconfig_for("climatik-actuator")), listen_address="", tick_seconds=0.3,
        ladder_seconds=0.3, limits_deadline_seconds=1.0, warm_up_seconds=0.0, pod_settling_seconds=0.0,
        webhook_answer_seconds=3.0, settling_seconds=5.0,
    )  # fmt: skip
    async with Client(load_config(str(cluster.kubeconfig))) as client:
        made = Arena(cluster, client, namespace, pool, settings)
        try:
            async with working(made.advise()):
                yield made
        finally:
            with contextlib.suppress(NotFound):
                await client.delete(POLICIES, "cap", namespace)
            cluster.kubectl("delete", "deployment", "--all", "-n", namespace, "--wait=false")


def _condition(type_: str, status: str, reason: str) -> dict[str, Any]:
    stamp = rfc3339(LONG_AGO)
    return {"type": type_, "status": status, "reason": reason, "message": "", "lastTransitionTime": stamp}


def _deployment(name: str, replicas: int, pool: str) -> dict[str, Any]:
    labels = {"team": "llm", "app": name}
    resources = {"limits": {"cpu": "1"}}
    spec = {
        "nodeSelector": {"pool": pool},
        "tolerations": [{"operator": "Exists"}],
        "containers": [{"name": "server", "image": "x", "resources": resources}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }
