"""``python -m nodeagent``: holds the devices of one node to their settings and budget."""

from __future__ import annotations

import os
import sys

from common.service.settings import load
from nodeagent.app import PROGRAM, start
from nodeagent.settings import AgentSettings

_DESCRIPTION = (
    "Holds the GPUs and CPUs of one node to their set points and power budget, and reports what they obey."
)


def main() -> int:
    """Runs the process and returns its exit status."""
    settings = load(AgentSettings, sys.argv[1:], os.environ, program=PROGRAM, description=_DESCRIPTION)
    return start(settings)


if __name__ == "__main__":
    raise SystemExit(main())
