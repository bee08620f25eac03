"""The ledger itself: remembers what is in flight, and decides what to write next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from datetime import datetime

from actuator.ledger.bases import choose_bases
from actuator.ledger.books import Books
from actuator.ledger.budgets import adjust, introduce
from actuator.ledger.enforcement import enforcement_writes
from actuator.ledger.fit import fit_targets
from actuator.ledger.leave import choose_leavers, is_leaving, leave
from actuator.ledger.pending import InFlight, prune_domains, prune_nodes
from actuator.ledger.raises import raises
from actuator.ledger.scene import Scene
from actuator.ledger.settings import LedgerSettings
from actuator.ledger.views import LedgerView, NodeView
from actuator.ledger.writes import (
    CreateFrequencies,
    FinishRelease,
    Outcome,
    Write,
    WriteBudget,
    WriteEnforcement,
)

Change = CreateFrequencies | WriteBudget | FinishRelease


class Ledger:
    """One leader's ledger. A new leader starts with a new one, on consistently listed views.

    The caller tells it of every write before it goes out and of every answer, and gives it every view before
    it asks for decisions: what is in flight counts until a view has passed it.
    """

    def __init__(self, settings: LedgerSettings | None = None) -> None:
        self._settings = settings or LedgerSettings()
        self._budgets: InFlight[WriteBudget] = InFlight()
        self._caps: InFlight[WriteEnforcement] = InFlight()
        self._farewells: InFlight[FinishRelease] = InFlight()

    def record_observed(self, view: LedgerView) -> None:
        """Takes note of what the caches show."""
        prune_nodes(self._budgets, view)
        prune_nodes(self._farewells, view)
        prune_domains(self._caps, view)

    def record_sent(self, write: Write) -> None:
        """Takes note of a write that is about to go out."""
        if isinstance(write, WriteBudget):
            self._budgets.sent(write.node, write)
        elif isinstance(write, WriteEnforcement):
            self._caps.sent(write.domain, write)
        elif isinstance(write, FinishRelease):
            self._farewells.sent(write.node, write)

    def record_answered(self, write: Write, outcome: Outcome) -> None:
        """Takes note of how a write ended."""
        if isinstance(write, WriteBudget):
            self._budgets.answered(write.node, write, outcome)
        elif isinstance(write, WriteEnforcement):
            self._caps.answered(write.domain, write, outcome)
        elif isinstance(write, FinishRelease):
            self._farewells.answered(write.node, write, outcome)

    def decide(
        self,
        view: LedgerView,
        targets: Mapping[str, int],
        now: datetime,
        restate: Set[str] = frozenset(),
    ) -> list[Write]:
        """Returns the writes that are right now, the domains' first, cuts before raises.

        Args:
            view: What the caches show.
            targets: Watts per node that the plans ask for; a node without one keeps its grant.
            now: Wall-clock time, for heartbeats.
            restate: Domains whose status is to be written whether or not a heartbeat is due.
        """
        return self.writes(self.scene(view, targets), now, restate)

    def writes(self, scene: Scene, now: datetime, restate: Set[str] = frozenset()) -> list[Write]:
        """Returns the writes that are right in a scene; books in it what they take."""
        changes = list(self._changes(scene))
        busy = {change.node for change in changes} | {
            name for name in scene.view.nodes if self._is_busy(name)
        }
        return [*enforcement_writes(scene, now, restate), *changes, *raises(scene, busy)]

    def scene(self, view: LedgerView, targets: Mapping[str, int]) -> Scene:
        """Returns everything that a decision looks at: the books, the bases, what is wanted."""
        books = Books(view, self._budgets)
        bases = choose_bases(view, self._settings.base_share_percent)
        books.note_admitted(bases.watts)
        leavers = choose_leavers(view, books, bases)
        scene = Scene(view, self._settings, books, bases, leavers, {}, self._budgets, self._caps)
        return replace(scene, wanted=fit_targets(scene, targets))

    def _is_busy(self, node: str) -> bool:
        """Whether the cache has yet to show how a write to a node's object ended."""
        return self._budgets.is_busy(node) or self._farewells.is_busy(node)

    def _changes(self, scene: Scene) -> Iterator[Change]:
        for node in scene.view.nodes.values():
            if self._is_busy(node.name):
                continue
            change = _change(scene, node)
            if change is not None:
                yield change


def _change(scene: Scene, node: NodeView) -> Change | None:
    change: Change | None = leave(scene, node) if is_leaving(scene.view, node) else None
    if change is not None:
        return change
    frequencies = node.frequencies
    if frequencies is None or frequencies.budget is None:
        return introduce(scene, node)
    return adjust(scene, node, frequencies)
