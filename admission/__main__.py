"""Entry point of the admission webhook: ``python -m admission --help``."""

import os
import sys

from admission.app import Admission
from admission.settings import AdmissionSettings
from common.service.app import Service, run
from common.service.settings import load

DESCRIPTION = """
Reserves watts for new pods before they draw any. Pods that a PowerCappingPolicy in mode Initial or Auto
selects get climatik.io/watts where nodes offer it (an annotation elsewhere), and an explanation of it.
Answers from memory, fails open, keeps its own TLS certificate and webhook registration.
With --alerts it is another process, which tells people what is wrong: --alerts --help lists its settings.
With --slack it is a third one, which takes commands and buttons from Slack: see --slack --help.
"""


def main() -> int:
    """Runs the webhook, with ``--alerts`` or ``--slack`` another process, and returns its exit status."""
    if "--alerts" in sys.argv[1:] or os.environ.get("CLIMATIK_ALERTS") == "true":
        from admission.alerts.__main__ import main as alerts  # noqa: PLC0415 - the webhook holds no such code

        return alerts()
    if "--slack" in sys.argv[1:] or os.environ.get("CLIMATIK_SLACK") == "true":
        from admission.slack.__main__ import main as slack  # noqa: PLC0415 - the webhook holds no such code

        return slack()
    settings = load(
        AdmissionSettings, sys.argv[1:], os.environ, program="python -m admission", description=DESCRIPTION
    )
    service = Service("admission", settings)
    return run(service, Admission(service, settings).run)


if __name__ == "__main__":
    sys.exit(main())
