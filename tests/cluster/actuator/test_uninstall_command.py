"""One command gives everything back and proves it; what was not confirmed is named in its table."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from common.api.apps import DEPLOYMENTS
from common.api.core import NODES
from common.api.domain import POWER_DOMAINS
from common.api.places import ANNOTATION_PLACES, read_places
from common.api.policy import POLICIES
from tests.cluster.admission.objects import create

from .conftest import Scene, running

HOT = {"key": "climatik.io/hot", "value": "inlet", "effect": "PreferNoSchedule"}
PLACE = {
    "key": "k", "pod": "p", "node": "n", "hostname": "n", "source": "s", "owner": "o", "workload": "w",
    "since": "2026-01-01T00:00:00Z", "until": "2026-01-01T00:01:00Z",
}  # fmt: skip


async def test_it_gives_everything_back_and_proves_it(scene: Scene, namespace: str) -> None:
    await _use(scene, namespace)
    planned = await _uninstall(scene, "--dry-run")
    assert planned[0] == 0
    assert _verdicts(scene, planned[1], namespace) == dict.fromkeys(_ours(scene, namespace), "would go")
    assert len(await scene.objects()) == 3

    status, rows = await _uninstall(scene, "--deadline-seconds=15")
    assert _verdicts(scene, rows, namespace) == dict.fromkeys(_ours(scene, namespace), "given back")
    assert status == (0 if all(row["verdict"].startswith(("given", "stays")) for row in rows) else 3)
    assert await scene.objects() == []
    assert (await scene.client.get(POWER_DOMAINS, scene.tag)).metadata.finalizers == []
    assert [
        t.key for t in (await scene.client.get(NODES, scene.nodes[0])).spec.taints if "hot" in t.key
    ] == []
    assert (await scene.client.get(DEPLOYMENTS, "chat", namespace)).spec.replicas == 4
    assert read_places(await scene.client.get(POLICIES, "cap", namespace)) == {}


async def test_an_agent_that_does_not_answer_is_named(scene: Scene, namespace: str) -> None:
    await _use(scene, namespace)
    scene.agents.silent.add(scene.nodes[1])
    status, rows = await _uninstall(scene, "--deadline-seconds=3")
    verdicts = _verdicts(scene, rows, namespace)
    assert status == 3
    assert verdicts.pop(f"NodeFrequencies/{scene.nodes[1]}") == "still there"
    assert set(verdicts.values()) == {"given back"}


async def test_a_node_whose_agent_never_spoke_holds_nothing_up(scene: Scene) -> None:
    scene.agents.silent.add(scene.nodes[1])
    await scene.make_domain(capWatts=3000, minimumCapWatts=900, updatePolicy={"updateMode": "Auto"})
    async with running(scene):

        async def budgeted() -> bool:
            return (
                all(item.spec.power_budget for item in await scene.objects())
                and len(await scene.objects()) == 3
            )

        await scene.until(budgeted, "budgets of all three")
    _, rows = await _uninstall(scene, "--deadline-seconds=10")
    verdicts = {row["object"]: row["verdict"] for row in rows}
    assert verdicts[f"NodeFrequencies/{scene.nodes[1]}"] == "given back"
    assert await scene.objects() == []


async def _use(scene: Scene, namespace: str) -> None:
    """Grants, a taint, a lowered count and a place, as a running actuator leaves them."""
    await scene.make_domain(capWatts=3000, minimumCapWatts=900, updatePolicy={"updateMode": "Auto"})
    await scene.plan([1400, 900, 700])
    async with running(scene):

        async def granted() -> bool:
            return await scene.grants() == [1400, 900, 700]

        await scene.until(granted, "the grants")
    await scene.client.patch(NODES, scene.nodes[0], {"spec": {"taints": [HOT]}})
    held = {"original": 4, "ours": 2, "policy": f"{namespace}/cap", "since": "2026-01-01T00:00:00Z"}
    note = {"fields": {"/spec/replicas": held}, "of": "Deployment/chat"}
    create(scene.cluster, _deployment(namespace, {"climatik.io/replica-ceiling": json.dumps(note)}))
    spec = {"powerCapLimit": 1000, "selector": {"matchLabels": {"app": "chat"}}}
    marks = {ANNOTATION_PLACES: json.dumps({"uid": PLACE})}
    await scene.client.create(
        POLICIES, {"metadata": {"name": "cap", "annotations": marks}, "spec": spec}, namespace
    )


def _ours(scene: Scene, namespace: str) -> set[str]:
    devices = {f"NodeFrequencies/{name}" for name in scene.nodes}
    return {
        *devices,
        f"Deployment/{namespace}/chat",
        f"PowerCappingPolicy/{namespace}/cap",
        f"PowerDomain/{scene.tag}",
        f"Node/{scene.nodes[0]}",
    }


def _verdicts(scene: Scene, rows: list[dict[str, str]], namespace: str) -> dict[str, str]:
    mine = _ours(scene, namespace)
    return {
        row["object"]: row["verdict"]
        for row in rows
        if row["object"] in mine and "stay" not in row["verdict"]
    }


async def _uninstall(scene: Scene, *flags: str) -> tuple[int, list[dict[str, str]]]:
    command = [
        sys.executable,
        "-m",
        "climatik",
        "uninstall",
        "--json",
        f"--kubeconfig={scene.cluster.kubeconfig}",
    ]
    process = await asyncio.create_subprocess_exec(*command, *flags, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, json.loads(output)


def _deployment(namespace: str, annotations: dict[str, str]) -> dict[str, Any]:
    labels = {"app": "chat"}
    spec = {"containers": [{"name": "c", "image": "x"}], "nodeSelector": {"no": "where"}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "chat", "namespace": namespace, "annotations": annotations},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }
