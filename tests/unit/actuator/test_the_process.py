"""The process as a whole: what runs beside the leader, and what it refuses to start with."""

from __future__ import annotations

import asyncio

import pytest

from actuator.app import Actuator, run_beside
from actuator.config import ActuatorSettings
from common.service.app import Service
from common.service.settings import SettingsError


async def _for_ever(ended: list[str], name: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append(name)


async def test_copies_that_are_not_kept_up_any_more_end_the_leader() -> None:
    ended: list[str] = []

    async def fails() -> None:
        raise RuntimeError("a bug in the informer")

    with pytest.raises(RuntimeError, match="a bug"):
        await run_beside(_for_ever(ended, "leader"), fails(), _for_ever(ended, "events"))
    assert ended == ["leader", "events"]


async def test_the_rest_ends_after_the_leader() -> None:
    ended: list[str] = []

    async def leads() -> None:
        await asyncio.sleep(0)
        ended.append("leader")

    await run_beside(leads(), _for_ever(ended, "copies"))
    assert ended == ["leader", "copies"]


async def test_a_stop_ends_the_leader_first() -> None:
    ended: list[str] = []
    task = asyncio.create_task(run_beside(_for_ever(ended, "leader"), _for_ever(ended, "copies")))
    await asyncio.sleep(0.0)
    await asyncio.sleep(0.0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert ended == ["leader", "copies"]


async def test_a_dry_run_gives_nothing_back() -> None:
    settings = ActuatorSettings(release_all=True, dry_run=True, listen_address="")
    with pytest.raises(SettingsError, match="leave one of them out"):
        await Actuator(Service("actuator", settings), settings).run()
