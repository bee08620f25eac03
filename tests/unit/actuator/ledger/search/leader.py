"""A leader as the search sees it: the real ledger behind copies of three objects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from actuator.ledger.ledger import Ledger
from actuator.ledger.pending import InFlight
from actuator.ledger.settings import LedgerSettings
from actuator.ledger.views import DomainView, FrequenciesView, Identity, LedgerView, NodeView
from actuator.ledger.writes import Outcome, Write

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = LedgerSettings(minimum_raise_watts=1)
NODES = ("n0", "n1")
DOMAIN = "row"
NAMEPLATE = 1000

Copies = tuple[FrequenciesView, FrequenciesView, DomainView]


@dataclass(frozen=True)
class LeaderState:
    """Its copies of both NodeFrequencies and the domain, and its ledger, which nobody changes any more."""

    epoch: int
    copies: Copies
    ledger: Ledger

    @property
    def key(self) -> tuple[object, ...]:
        """What tells two leaders apart."""
        books = (self.ledger._budgets, self.ledger._caps)
        return (self.epoch, self.copies, tuple(_contents(book) for book in books))


def act(state: LeaderState, targets: dict[str, int]) -> tuple[LeaderState, list[Write]]:
    """Decides on what the copies show; the writes are not yet noted as sent."""
    ledger = _clone(state.ledger)
    return LeaderState(state.epoch, state.copies, ledger), ledger.decide(_view(state), targets, NOW)


def sent(state: LeaderState, writes: list[Write]) -> LeaderState:
    """Notes writes that go out."""
    ledger = _clone(state.ledger)
    for write in writes:
        ledger.record_sent(write)
    return LeaderState(state.epoch, state.copies, ledger)


def see(state: LeaderState, place: int, copy: FrequenciesView | DomainView) -> LeaderState:
    """Takes in the next event of one object. What that settles may be forgotten now as well as later."""
    copies = list(state.copies)
    copies[place] = copy
    seen = LeaderState(state.epoch, (copies[0], copies[1], copies[2]), _clone(state.ledger))
    seen.ledger.record_observed(_view(seen))
    return seen


def answered(state: LeaderState, write: Write, outcome: Outcome) -> LeaderState:
    """Takes in how a write ended."""
    ledger = _clone(state.ledger)
    ledger.record_answered(write, outcome)
    ledger.record_observed(_view(state))
    return LeaderState(state.epoch, state.copies, ledger)


def _view(state: LeaderState) -> LedgerView:
    nodes = {
        name: NodeView(name, Identity(f"uid-{name}", "boot"), NAMEPLATE, DOMAIN, (), copy)
        for name, copy in zip(NODES, state.copies[:2], strict=True)
    }
    return LedgerView(nodes, {DOMAIN: state.copies[2]}, state.epoch)


def _clone(ledger: Ledger) -> Ledger:
    clone = Ledger(SETTINGS)
    clone._budgets, clone._caps = _clone_of(ledger._budgets), _clone_of(ledger._caps)
    return clone


def _clone_of(book: InFlight) -> InFlight:
    clone: InFlight = InFlight()
    for ours, theirs in zip(_parts(clone), _parts(book), strict=True):
        ours.update({name: list(writes) for name, writes in theirs.items()})
    return clone


def _contents(book: InFlight) -> tuple[object, ...]:
    return tuple(
        tuple(sorted(((name, frozenset(writes)) for name, writes in part.items()), key=lambda item: item[0]))
        for part in _parts(book)
    )


def _parts(book: InFlight) -> tuple[dict[str, list], ...]:
    return (book._unanswered, book._settling, book._unknown)
