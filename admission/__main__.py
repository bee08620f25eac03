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
"""


def main() -> int:
    """Runs the webhook and returns the process's exit status."""
    settings = load(
        AdmissionSettings, sys.argv[1:], os.environ, program="python -m admission", description=DESCRIPTION
    )
    service = Service("admission", settings)
    return run(service, Admission(service, settings).run)


if __name__ == "__main__":
    sys.exit(main())
