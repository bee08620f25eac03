"""A dry run decides and logs, but writes nothing, not even its Lease."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from actuator.app import Actuator
from common.service.app import Service

from .conftest import Scene


async def test_a_dry_run_writes_nothing(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await scene.make_domain(capWatts=3000, minimumCapWatts=900, updatePolicy={"updateMode": "Auto"})
    settings = replace(scene.settings, dry_run=True, once=True)
    await asyncio.wait_for(Actuator(Service("actuator", settings), settings).run(), 30)
    assert await scene.objects() == []
    assert {r.node for r in caplog.records if r.message == "CreateFrequencies"} == set(scene.nodes)
