"""Entry point of the recommender: ``python -m recommender --help``."""

from __future__ import annotations

import os
import sys

from common.service.app import Service, run
from common.service.dotenv import with_dotenv
from common.service.settings import load
from recommender.app import Recommender
from recommender.config import RecommenderSettings

DESCRIPTION = """
Reads policies, domains, pods, nodes and power; works out who should get which watts; writes that into status
and PowerPlans. Changes no device, no pod and no workload.
"""


def main() -> int:
    """Runs the recommender and returns the process's exit status."""
    settings = load(
        RecommenderSettings,
        sys.argv[1:],
        with_dotenv(os.environ),
        program="python -m recommender",
        description=DESCRIPTION,
    )
    service = Service("recommender", settings)
    return run(service, Recommender(service, settings).run)


if __name__ == "__main__":
    sys.exit(main())
