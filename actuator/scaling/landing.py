"""Raises that the local copies do not show yet: what was sent counts until it is seen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from actuator.scaling.transition import Service
from common.api.core import ObjectReference

LATEST_SECONDS = 30.0
"""A write that no copy shows after so long was lost, or somebody has written over it."""


@dataclass
class Landing:
    """The highest ceiling that may come to stand at each owner."""

    _sent: dict[ObjectReference, tuple[int, float]] = field(default_factory=dict)

    def sent(self, owner: ObjectReference, ceiling: int, now: float) -> None:
        """Notes a ceiling that is about to be written; forgets what no copy will show any more."""
        self._sent = {one: sent for one, sent in self._sent.items() if now - sent[1] <= LATEST_SECONDS}
        self._sent[owner] = (ceiling, now)

    def refused(self, owner: ObjectReference) -> None:
        """Forgets a ceiling that was certainly not written."""
        self._sent.pop(owner, None)

    def book(self, services: list[Service], now: float) -> list[Service]:
        """Returns the services with the bounds that they may come to have; forgets what has landed."""
        return [self._booked(service, now) for service in services]

    def _booked(self, service: Service, now: float) -> Service:
        ceiling, at = self._sent.get(service.owner, (service.bound, now))
        if ceiling == service.bound or now - at > LATEST_SECONDS:
            self._sent.pop(service.owner, None)
            return service
        return replace(service, bound=max(service.bound, ceiling))
