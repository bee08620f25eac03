"""``python -m admission.alerts``: the same as ``python -m admission --alerts``."""

import os
import sys

from admission.alerts.app import Alerts
from admission.alerts.settings import AlertSettings
from common.service.app import Service, run
from common.service.dotenv import with_dotenv
from common.service.settings import load

DESCRIPTION = """
Tells people in time when advice is not acted on or a cap is in danger: one alert for each fact, told once,
kept until it has arrived, and told again when it is over. One of several processes leads.
"""


def main() -> int:
    """Runs the alerts process and returns its exit status."""
    settings = load(
        AlertSettings,
        sys.argv[1:],
        with_dotenv(os.environ),
        program="python -m admission --alerts",
        description=DESCRIPTION,
    )
    service = Service("alerts", settings)
    return run(service, Alerts(service, settings).run)


if __name__ == "__main__":
    sys.exit(main())
