"""Entry point of the Planner: ``python -m recommender.planner --help``."""

from __future__ import annotations

import os
import sys

from common.service.app import Service, run
from common.service.settings import load
from recommender.planner.app import Planner
from recommender.planner.config import PlannerSettings

DESCRIPTION = """
Answers over gRPC how many replicas each Deployment should have, and how many watts each replica, so that
all of them together hold a cap. Reads Deployments, pods, policies and Prometheus; changes nothing.
"""


def main() -> int:
    """Runs the Planner and returns the process's exit status."""
    settings = load(
        PlannerSettings,
        sys.argv[1:],
        os.environ,
        program="python -m recommender.planner",
        description=DESCRIPTION,
    )
    service = Service("planner", settings)
    return run(service, Planner(service, settings).run)


if __name__ == "__main__":
    sys.exit(main())
