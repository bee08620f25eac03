"""The process as a whole: what it refuses to start with."""

from __future__ import annotations

import pytest

from actuator.app import Actuator
from actuator.config import ActuatorSettings
from common.service.app import Service
from common.service.settings import SettingsError


async def test_a_dry_run_gives_nothing_back() -> None:
    settings = ActuatorSettings(release_all=True, dry_run=True, listen_address="")
    with pytest.raises(SettingsError, match="leave one of them out"):
        await Actuator(Service("actuator", settings), settings).run()
