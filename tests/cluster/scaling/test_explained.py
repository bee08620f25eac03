"""What was decided about ceilings, and what not, is on record: asked for as people do at the prompt."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from common.api.decisions import RECORD_NAME
from common.api.meta import rfc3339
from common.api.names import NAMESPACE
from common.api.policy import POLICIES
from deploy.local.cluster import LocalCluster

from .conftest import EACH_WATTS, Place, running


async def test_a_ceiling_is_explained_with_expected_and_achieved_watts(
    place: Place, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actuator.audit.desk.RECORD_SECONDS", 0.5)
    cluster.kubectl("delete", "configmap", RECORD_NAME, "-n", NAMESPACE, "--ignore-not-found")
    place.settings = replace(place.settings, settling_seconds=2.0, ladder_seconds=0.3)
    await place.deployment("web", 4)
    await place.deployment("side", 1)
    await place.policy(scaleTargetRefs=[{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}])
    await _measure(place, 4 * EACH_WATTS)
    await place.advise(100, {"Deployment/web": 1, "Deployment/side": 1})
    async with running(place):
        await place.until(lambda: _pods_are(place, 1), "one pod")

        async def judged() -> bool:
            await _measure(place, await place.pods("web") * EACH_WATTS)
            return any(one.get("achievedWatts") for one in _explained(place, cluster)["decisions"])

        await place.until(judged, "the achieved watts on record")
    told = _explained(place, cluster)
    (taken,) = [one for one in told["decisions"] if one["verdict"] == "Taken"]
    assert (taken["rung"], taken["target"]) == ("CEILING", f"Deployment/{place.namespace}/web")
    assert (taken["expectedWatts"], taken["achievedWatts"]) == (300, 300)
    assert (taken["drawWatts"], taken["change"]) == (400, "spec.replicas from 4 to 1")
    (refused,) = [one for one in told["decisions"] if one["verdict"] == "Refused"]
    assert (refused["reason"], refused["target"]) == ("NotATarget", f"Deployment/{place.namespace}/side")


async def _pods_are(place: Place, count: int) -> bool:
    return await place.pods("web") == count


async def _measure(place: Place, watts: int) -> None:
    power = {"watts": watts, "pods": 4, "measuredPods": 4, "source": "test"}
    status = {"currentPower": power, "effectiveCapWatts": 100, "lastUpdated": rfc3339(datetime.now(UTC))}
    await place.client.patch(POLICIES, "cap", {"status": status}, place.namespace, subresource="status")


def _explained(place: Place, cluster: LocalCluster) -> dict[str, Any]:
    command = [sys.executable, "-m", "climatik", "explain", "policy", "cap", "-n", place.namespace, "--json"]
    where = ["--kubeconfig", str(cluster.kubeconfig)]
    answer = subprocess.run([*command, *where], check=True, capture_output=True, timeout=30)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found
