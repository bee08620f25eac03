"""Ledgers and agents with one safeguard left out each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actuator.ledger import books, leave, pending, scene
from actuator.ledger.scene import Scene
from actuator.ledger.views import NodeView

Mutate = Callable[[pytest.MonkeyPatch], None]


def without_reserve(patch: pytest.MonkeyPatch) -> None:
    """Books the grant, confirmed or not."""
    whole = books.reserve_watts

    def reserve_watts(node: NodeView) -> int:
        budget = node.frequencies.budget if node.frequencies else None
        return budget.grant_watts if budget and not budget.release else whole(node)

    patch.setattr(books, "reserve_watts", reserve_watts)


def without_pending(patch: pytest.MonkeyPatch) -> None:
    """Forgets writes that are out, or that were never answered."""
    patch.setattr(pending.InFlight, "of", lambda self, name: list(self._settling.get(name, ())))


def without_answered(patch: pytest.MonkeyPatch) -> None:
    """Forgets writes as soon as they are answered, whatever the cache shows."""

    def of(self: pending.InFlight, name: str) -> list:
        return [*self._unanswered.get(name, ()), *self._unknown.get(name, ())]

    patch.setattr(pending.InFlight, "of", of)


def without_stamps(patch: pytest.MonkeyPatch) -> None:
    """Raises before the predecessor's writes are shut out."""
    patch.setattr(Scene, "is_unstamped", lambda _self, _node: False)


def without_levels(patch: pytest.MonkeyPatch) -> None:
    """Looks at one level of the tree only."""
    whole = Scene.room_watts
    patch.setattr(Scene, "room_watts", lambda self, levels: whole(self, list(levels)[:1]))


def without_covering_word(patch: pytest.MonkeyPatch) -> None:
    """Gives bases and moves nodes before the domain's figures include them."""
    patch.setattr(Scene, "is_covered", lambda _self, _domain: True)


def without_granted_first(patch: pytest.MonkeyPatch) -> None:
    """Raises as soon as the cap allows it, whatever G has been published."""
    patch.setattr(scene, "raise_limit", lambda domain, _granted: domain.cap_watts)


def without_waiting_release(patch: pytest.MonkeyPatch) -> None:
    """Gives hardware back although the nameplate does not fit."""
    patch.setattr(leave, "_may_rise", lambda _scene, _node: True)
