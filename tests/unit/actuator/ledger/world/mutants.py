"""Ledgers and agents with one safeguard left out each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from msgspec.structs import replace as change

from actuator.ledger import books, budgets, enforcement, leave, ledger, pending, scene
from actuator.ledger.scene import Scene
from actuator.ledger.views import NodeView
from actuator.ledger.writes import WriteEnforcement

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


def without_stamps_before_moves(patch: pytest.MonkeyPatch) -> None:
    """Gives bases and moves nodes while a predecessor's figures may still land."""

    def is_covered(self: Scene, domain: str) -> bool:
        return all(self._covers(level.name) for level in self.view.levels(domain))

    patch.setattr(Scene, "is_covered", is_covered)


def without_granted_first(patch: pytest.MonkeyPatch) -> None:
    """Raises as soon as the cap allows it, whatever G has been published."""
    patch.setattr(scene, "raise_limit", lambda domain, _granted: domain.cap_watts)


def without_waiting_release(patch: pytest.MonkeyPatch) -> None:
    """Gives hardware back although the nameplate does not fit."""
    patch.setattr(leave, "_may_rise", lambda _scene, _node: True)


def without_reserves_in_granted(patch: pytest.MonkeyPatch) -> None:
    """Publishes the cap as G, although more than that is granted after a cut."""
    whole = ledger.enforcement_writes

    def enforcement_writes(*given: object) -> Iterator[WriteEnforcement]:
        for write in whole(*given):  # type: ignore[arg-type]
            word = write.enforcement
            yield replace(write, enforcement=change(word, granted_cap_watts=word.effective_cap_watts))

    patch.setattr(ledger, "enforcement_writes", enforcement_writes)


def without_keeping_granted(patch: pytest.MonkeyPatch) -> None:
    """Lowers G after a takeover although the predecessor's raises may still land."""
    patch.setattr(enforcement, "_may_be_raised_by_another", lambda _scene, _domain: False)


def without_held_watts(patch: pytest.MonkeyPatch) -> None:
    """Takes what a node is introduced with for what it holds."""
    patch.setattr(budgets, "_held_watts", lambda _node, present: present.grant_watts)
