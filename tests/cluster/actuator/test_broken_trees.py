"""A mistake in the tree: a condition on the object at fault, while the rest of the tree goes on."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest

from common.api.domain import POWER_DOMAINS
from common.api.meta import find_condition
from common.kube.errors import NotFound

from .conftest import Scene, running

AUTO = {"updateMode": "Auto"}
CAP = {"capWatts": 3000, "minimumCapWatts": 900}
MISTAKES: dict[str, tuple[dict[str, dict[str, object]], str, str, str]] = {
    "a missing parent": (
        {"a": {**CAP, "parent": "nowhere"}},
        "a",
        "UnknownParent",
        "spec.parent names nowhere",
    ),
    "a circle": (
        {"a": {**CAP, "parent": "{b}"}, "b": {**CAP, "parent": "{a}"}},
        "a",
        "ParentCycle",
        "spec.parent leads back to this domain",
    ),
    "minimum caps over the parent's": (
        {"a": {**CAP}, "b": {**CAP, "parent": "{a}"}, "c": {**CAP, "parent": "{a}"}},
        "a",
        "MinimumCapsExceedParent",
        "1800 W together",
    ),
    "a schedule that cannot be read": (
        {
            "a": {
                "capWatts": 3000,
                "capSchedules": [
                    {"start": "0 8 31 2 */9", "timeZone": "UTC", "durationSeconds": 60, "capWatts": 10}
                ],
            }
        },
        "a",
        "BadSchedule",
        "spec.capSchedules[0]",
    ),
    "no cap anywhere": ({"a": {"updatePolicy": AUTO}}, "a", "NoCap", "spec.capWatts"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_it_is_named_on_its_object_and_the_rest_goes_on(scene: Scene, mistake: str) -> None:
    domains, at_fault, reason, words = MISTAKES[mistake]
    await scene.make_domain(**CAP, updatePolicy=AUTO)
    async with _made(scene, domains), running(scene):
        await scene.until(lambda: _says(scene, f"{scene.tag}-{at_fault}", reason, words), f"{reason} named")
        await scene.until(
            lambda: _says(scene, scene.tag, "Valid", "its place"), "the good domain's condition"
        )
        await scene.plan([1400, 900, 700])
        await scene.until(lambda: _granted(scene, [1400, 900, 700]), "grants under the good domain")
        assert await _says(scene, f"{scene.tag}-{at_fault}", reason, words), "it stays named"
        assert await _says(scene, scene.tag, "Valid", "its place")


async def test_a_node_in_two_domains_is_named_on_both_and_counted_in_both(scene: Scene) -> None:
    await scene.make_domain(capWatts=5000, minimumCapWatts=900, updatePolicy=AUTO)
    first = {"nodeSelector": {"matchLabels": {"kubernetes.io/hostname": scene.nodes[0]}}, **CAP}
    labels = {"metadata": {"labels": {"kubernetes.io/hostname": scene.nodes[0]}}}
    from common.api.core import NODES

    await scene.client.patch(NODES, scene.nodes[0], labels)
    async with _made(scene, {"twice": {**first, "updatePolicy": AUTO}}), running(scene):
        for name in (scene.tag, f"{scene.tag}-twice"):
            await scene.until(
                lambda name=name: _says(scene, name, "NodeInTwoDomains", scene.nodes[0]),
                f"the claim on {name}",
            )
            await scene.until(lambda name=name: _books(scene, name, 2000), f"the node's nameplate on {name}")
        for name in (scene.tag, f"{scene.tag}-twice"):
            assert await _says(scene, name, "NodeInTwoDomains", scene.nodes[0])
            assert await _books(scene, name, 2000)


@contextlib.asynccontextmanager
async def _made(scene: Scene, domains: dict[str, dict[str, object]]) -> AsyncIterator[None]:
    names = {key: f"{scene.tag}-{key}" for key in domains}
    try:
        for key, spec in domains.items():
            parent = {"parent": str(spec["parent"]).format(**names)} if "parent" in spec else {}
            await scene.client.create(
                POWER_DOMAINS, {"metadata": {"name": names[key]}, "spec": spec | parent}
            )
        yield
    finally:
        for name in names.values():
            with contextlib.suppress(NotFound):
                await scene.client.patch(POWER_DOMAINS, name, {"metadata": {"finalizers": None}})
                await scene.client.delete(POWER_DOMAINS, name)


async def _says(scene: Scene, domain: str, reason: str, words: str) -> bool:
    found = await scene.client.get(POWER_DOMAINS, domain)
    condition = find_condition(found.status.conditions, "TreeValid")
    return condition is not None and condition.reason == reason and words in condition.message


async def _books(scene: Scene, domain: str, watts: int) -> bool:
    word = (await scene.client.get(POWER_DOMAINS, domain)).status.enforcement
    return word is not None and word.reserved_watts >= watts


async def _granted(scene: Scene, watts: list[int]) -> bool:
    return await scene.grants() == watts
