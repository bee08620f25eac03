"""``python -m nodeagent``: holds the devices of one node to their settings and budget."""

from __future__ import annotations

import os
import sys

from common.service.settings import load
from nodeagent.settings import AgentSettings

PROGRAM = "nodeagent"

_DESCRIPTION = (
    "Holds the GPUs and CPUs of one node to their set points and power budget, and reports what they obey."
)


def main() -> int:
    """Runs the process and returns its exit status."""
    settings = load(AgentSettings, sys.argv[1:], os.environ, program=PROGRAM, description=_DESCRIPTION)
    # The watchdog must stay tiny, so each of the two loads only what it is made of.
    if settings.watchdog:
        from nodeagent.watchdog.start import start_watchdog  # noqa: PLC0415

        return start_watchdog(settings)
    from nodeagent.app import start  # noqa: PLC0415

    return start(settings)


if __name__ == "__main__":
    raise SystemExit(main())
