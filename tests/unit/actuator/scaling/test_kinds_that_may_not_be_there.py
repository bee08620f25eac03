"""A kind is followed while it is served; a copy that is not kept up any more never passes for one that is."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

import actuator.scaling.optional
from actuator.scaling.optional import OptionalInformer
from common.api.autoscaling import SCALED_OBJECTS
from common.kube.api_resources import LIFETIME_SECONDS


class Followed:
    """An informer that follows until it is told to fail."""

    fail = asyncio.Event()

    def __init__(self, *_: Any, **__: Any) -> None:
        self.synced = True

    def on_change(self, _handler: Any) -> None:
        pass

    async def run(self) -> None:
        await Followed.fail.wait()
        raise RuntimeError("a bug in the informer")


class Kinds:
    served = True

    async def find(self, _version: str, _kind: str) -> Any:
        return SimpleNamespace() if self.served else None


@pytest.fixture
def informer(monkeypatch: pytest.MonkeyPatch) -> tuple[OptionalInformer[Any], Kinds]:
    monkeypatch.setattr(actuator.scaling.optional, "Informer", Followed)
    Followed.fail, kinds = asyncio.Event(), Kinds()
    client: Any = None
    found: Any = kinds
    return OptionalInformer(client, found, SCALED_OBJECTS, {}, lambda: None), kinds


@pytest.mark.looptime
async def test_it_is_followed_while_it_is_served(informer: tuple[OptionalInformer[Any], Kinds]) -> None:
    one, kinds = informer
    task = asyncio.create_task(one.run())
    await asyncio.sleep(1)
    assert (one.served, one.synced) == (True, True)
    kinds.served = False
    await asyncio.sleep(LIFETIME_SECONDS)
    assert (one.served, one.synced) == (False, True)
    task.cancel()
    await asyncio.wait([task])


@pytest.mark.looptime
async def test_a_following_that_fails_is_not_passed_over(
    informer: tuple[OptionalInformer[Any], Kinds],
) -> None:
    one, _ = informer
    task = asyncio.create_task(one.run())
    await asyncio.sleep(1)
    Followed.fail.set()
    with pytest.raises(RuntimeError, match="a bug"):
        await asyncio.wait_for(task, LIFETIME_SECONDS * 3)
