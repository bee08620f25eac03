"""Entry point of the actuator: ``python -m actuator --help``."""

from __future__ import annotations

import os
import sys

from actuator.app import Actuator
from actuator.config import ActuatorSettings
from common.service.app import Service, run
from common.service.settings import load

DESCRIPTION = """
Turns plans into grants, and advice into device settings, one NodeFrequencies per node; holds every cap of the
tree of power domains. One of several replicas leads. Acts only where a domain or a policy is in mode Auto.
"""
EXIT_UNRELEASED = 3


def main() -> int:
    """Runs the actuator; returns the exit status, 3 where --release-all left nodes unreleased."""
    settings = load(
        ActuatorSettings, sys.argv[1:], os.environ, program="python -m actuator", description=DESCRIPTION
    )
    service = Service("actuator", settings)
    actuator = Actuator(service, settings)
    status = run(service, actuator.run)
    return EXIT_UNRELEASED if status == 0 and actuator.unreleased else status


if __name__ == "__main__":
    sys.exit(main())
