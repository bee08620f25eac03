"""The safeguards of the protocol, each of which a test can switch off."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Safeguards:
    """True everywhere is the protocol as it is."""

    reserve: bool = True
    pending_raises: bool = True
    answered_writes: bool = True
    epoch_stamps: bool = True
    version_precondition: bool = True
    lower_epoch_refused: bool = True
    confirm_last: bool = True
    agent_memory: bool = True
    room_at_every_level: bool = True
    former_domain: bool = True
    boot_identity: bool = True
    release_waits: bool = True
    place_noted: bool = True
    restored_mark: bool = True
    limits_carried: bool = True


INTACT = Safeguards()
