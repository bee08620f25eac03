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
        carried_watts: What the node may draw while it is only introduced: it was held to that before, and
            never released. None where nothing is carried over.
        heartbeat_time: The oldest heartbeat of its chain when this was written, as the API server's time.
    """

    uid: str
    budget: PowerBudget
    trusted: bool = True
    boot_id: str = ""
    released: bool = False
    heartbeat_time: str = ""
    carried_watts: int | None = None

    @property
    def sequence(self) -> int:
        """The sequence of the grant."""
        return self.budget.sequence

    @property
    def base_watts(self) -> int:
        """What the node may draw whatever happens; never more than its grant."""
        return self.within_carried(min(self.budget.base_watts, self.budget.grant_watts))

    @property
    def allowed_watts(self) -> int:
        """What the node may draw as long as no domain above it is cut."""
        return self.within_carried(self.budget.grant_watts) if self.trusted else self.base_watts

    def within_carried(self, watts: int) -> int:
        """Returns so many watts, or what is carried over where that is less."""
        return watts if self.carried_watts is None else min(watts, self.carried_watts)
