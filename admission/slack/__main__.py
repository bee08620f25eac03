"""``python -m admission.slack``: the same as ``python -m admission --slack``."""

import os
import sys

from admission.slack.app import SlackApp
from admission.slack.settings import SlackSettings
from common.service.app import Service, run
from common.service.dotenv import with_dotenv
from common.service.settings import load

DESCRIPTION = """
Answers /climatik in Slack, and the buttons Approve, Snooze and Explain of alerts. Checks each request's
signature, lets nobody do anything who is not listed, and changes nothing but what was shown and confirmed.
"""


def main() -> int:
    """Runs the Slack app and returns its exit status."""
    settings = load(
        SlackSettings,
        sys.argv[1:],
        with_dotenv(os.environ),
        program="python -m admission --slack",
        description=DESCRIPTION,
    )
    service = Service("slack", settings)
    return run(service, SlackApp(service, settings).run)


if __name__ == "__main__":
    sys.exit(main())
