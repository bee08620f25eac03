"""What cap arithmetic needs to know of a tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from common.api.domain import PowerDomain


class Shape(Protocol):
    """Domains by name, and the way from one up to its root."""

    @property
    def domains(self) -> Mapping[str, PowerDomain]:
        """Every domain, by name."""

    def chain(self, domain: str) -> list[str]:
        """Names from a domain up to its root."""
