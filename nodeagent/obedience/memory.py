"""What an agent must not forget over a restart: which grant it obeyed last."""

from __future__ import annotations

import msgspec

from common.api.frequencies import PowerBudget


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """The last grant that was accepted.

    Attributes:
        uid: The NodeFrequencies object that it came from.
        budget: The grant itself.
        trusted: False after an unknown uid or a step back was read: base holds until a newer sequence.
        boot_id: The boot under which the devices last obeyed a grant; empty before they ever did.
        released: Whether the node was given back under this grant, originals and all.
        heartbeat_time: The oldest heartbeat of its chain when this was written, as the API server's time.
    """

    uid: str
    budget: PowerBudget
    trusted: bool = True
    boot_id: str = ""
    released: bool = False
    heartbeat_time: str = ""

    @property
    def sequence(self) -> int:
        """The sequence of the grant."""
        return self.budget.sequence

    @property
    def base_watts(self) -> int:
        """What the node may draw whatever happens; never more than its grant."""
        return min(self.budget.base_watts, self.budget.grant_watts)
