"""Names of the files in the state directory, as agent and watchdog know them."""

from __future__ import annotations

from typing import Final

LOCK_FILE: Final = "lock"
ORIGINALS_FILE: Final = "originals.json"
GRANT_FILE: Final = "grant.json"
LOWERED_FILE: Final = "lowered.json"
REST_FILE: Final = "rest.json"
