"""What an operator is told: cuts and when they are obeyed, silent agents, releases that wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace as change

from actuator.input.picture import Picture
from actuator.ledger.ledger import Ledger
from actuator.ledger.views import DomainView, FrequenciesView, Identity, LedgerView, NodeView
from actuator.output.narrator import RELEASE_SECONDS, SILENT_SECONDS, Narrator
from common.api.domain import Enforcement, PowerDomain
from common.api.frequencies import NodeFrequencies, PowerBudget
from common.api.meta import ObjectMeta
from common.domains.tree import build_tree
from tests.unit.actuator.budgets import BUDGET, STATUS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WORD = Enforcement(
    leader_epoch=1, heartbeat_time="2026-01-01T00:00:00Z", effective_cap_watts=1000, granted_cap_watts=1000,
    base_watts=200, reserved_watts=600,
)  # fmt: skip


class Recorder:
    def __init__(self) -> None:
        self.seen: list[tuple[str, str, str]] = []

    def event(self, regarding: object, type_: str, reason: str, message: str) -> None:
        self.seen.append((type_, reason, message))

    def reasons(self) -> list[str]:
        found = [reason for _, reason, _ in self.seen]
        self.seen.clear()
        return found


class Told:
    """A narrator with a clock that is set by hand."""

    def __init__(self) -> None:
        self.recorder = Recorder()
        self.seconds = 0.0
        self.narrator = Narrator(self.recorder, self)  # type: ignore[arg-type]

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return NOW

    def round(self, node: NodeView, cap: int = 1000) -> list[str]:
        domain = DomainView(
            "row", "pd", 3, ("row",), enforced=True, cap_watts=cap, minimum_watts=500, published=WORD
        )
        ledger = Ledger()
        scene = ledger.scene(LedgerView({"n1": node}, {"row": domain}, 1), {})
        writes = ledger.writes(scene, NOW)
        domains = {"row": PowerDomain(metadata=ObjectMeta(name="row", uid="pd"))}
        objects = {"n1": NodeFrequencies(metadata=ObjectMeta(name="n1", uid="nf"))}
        picture = Picture({}, objects, domains, (), (), build_tree(domains.values(), {}))
        self.narrator.tell(picture, scene, writes)
        return self.recorder.reasons()


def _node(budget: PowerBudget = BUDGET, **changes: object) -> NodeView:
    frequencies = FrequenciesView("nf", 7, budget, STATUS, 1)
    return NodeView("n1", Identity("node", "boot"), 1500, "row", (), replace(frequencies, **changes))


def test_a_silent_agent_is_told_once_and_so_is_its_return() -> None:
    told = Told()
    silent = _node(change(BUDGET, sequence=6))
    assert told.round(silent) == []
    told.seconds = SILENT_SECONDS
    assert told.round(silent) == ["NodeSilent"]
    told.seconds += 60
    assert told.round(silent) == []
    assert told.round(_node()) == ["NodeHeard"]


def test_an_agent_of_another_boot_is_silent_too() -> None:
    told = Told()
    rebooted = replace(_node(), identity=Identity("node", "another boot"))
    told.round(rebooted)
    told.seconds = SILENT_SECONDS
    assert "NodeSilent" in told.round(rebooted)


def test_a_release_without_room_is_told() -> None:
    told = Told()
    leaving = _node(deleting=True)
    assert told.round(leaving) == []
    told.seconds = RELEASE_SECONDS
    assert told.round(leaving) == ["ReleaseHeld"]


def test_a_cut_is_told_and_so_is_that_it_is_obeyed() -> None:
    told = Told()
    told.round(_node())
    assert told.round(_node(), cap=500) == ["CapCut", "GrantLowered"]
    lower = change(BUDGET, grant_watts=500, sequence=6)
    obeyed = _node(lower, status=change(STATUS, sequence=6, enforced_budget_watts=495))
    assert told.round(obeyed, cap=500) == ["CapHeld"]
    assert told.round(obeyed, cap=500) == []


@pytest.mark.parametrize(("base", "text"), [(200, "1 grant lowered by 100 W")])
def test_one_is_not_called_many(base: int, text: str) -> None:
    told = Told()
    told.round(_node())
    ledger_words: list[str] = []
    told.recorder.event = lambda *a: ledger_words.append(a[3])  # type: ignore[method-assign]
    told.round(_node(change(BUDGET, base_watts=base)), cap=500)
    assert text in ledger_words
