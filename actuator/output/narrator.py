"""Tells people what was decided and why: Events on the objects that they look at, and the log."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from actuator.input.picture import Picture
from actuator.ledger.scene import Scene
from actuator.ledger.writes import CreateFrequencies, FinishRelease, Write, WriteBudget, WriteEnforcement
from actuator.logic.loadtarget import LOAD_TARGET, RAMPING
from actuator.logic.overdue import Overdue
from actuator.logic.troubles import silence, unconfirmed, waiting_releases
from actuator.logic.wording import counted
from common.api.core import NODES
from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.frequencies import NODE_FREQUENCIES
from common.api.meta import Condition, find_condition
from common.api.reference import reference
from common.clock import Clock
from common.kube.events import EventRecorder

log = logging.getLogger(__name__)

SILENT_SECONDS = 20.0
"""An agent confirms within about a second; one that has not for so long is worth an operator's look."""
RELEASE_SECONDS = 10.0
"""Others are lowered, and confirm, within seconds; a release that waits for longer lacks room."""


class Narrator:
    """Notes changes once each, whatever the number of rounds that see them."""

    def __init__(self, events: EventRecorder, clock: Clock) -> None:
        self._events = events
        self._clock = clock
        self._refused: dict[str, str] = {}
        self._caps: dict[str, int] = {}
        self._cut: set[str] = set()
        self._phases: dict[str, str] = {}
        self._silent = Overdue(SILENT_SECONDS)
        self._held = Overdue(RELEASE_SECONDS)

    @property
    def events(self) -> EventRecorder:
        """Where Events go."""
        return self._events

    def tell(self, picture: Picture, scene: Scene, writes: list[Write]) -> None:
        """Logs every write with its reason, and makes Events of what is worth telling."""
        for write in writes:
            _log(write)
        self._tell_caps(picture, scene)
        self._tell_refused(picture, scene)
        self._tell_silent(picture, scene)
        self._tell_held(picture, scene, writes)
        self._tell_grants(picture, scene, [write for write in writes if isinstance(write, WriteBudget)])
        for write in writes:
            if isinstance(write, FinishRelease):
                self._on_node(picture, write.node, "Normal", "Released", f"let go: {write.reason}")

    def tell_load_targets(self, picture: Picture, conditions: Mapping[str, list[Condition]]) -> None:
        """Makes an Event of every phase that a demand response event comes into."""
        phases = {}
        for name, found in conditions.items():
            condition = find_condition(found, LOAD_TARGET)
            if condition is None:
                continue
            phases[name] = condition.reason
            live = find_condition(picture.domains[name].status.conditions, LOAD_TARGET)
            before = self._phases.get(name, live.reason if live is not None else "")
            if before != condition.reason:
                reason = f"LoadTarget{condition.reason}"
                kind = "Warning" if condition.reason == "NotReached" else "Normal"
                self._on_domain(picture, name, kind, reason, condition.message)
        self._phases = phases

    def _tell_caps(self, picture: Picture, scene: Scene) -> None:
        caps = {name: domain.cap_watts for name, domain in scene.view.domains.items() if domain.enforced}
        for name, cap in caps.items():
            before = self._caps.get(name, cap)
            if self._is_ramping(scene, name):
                continue  # told as phases of the load target, not step by step
            if cap < before:
                text = (
                    f"the effective cap falls from {before:,} W to {cap:,} W{_brake(picture.domains[name])}"
                )
                self._on_domain(picture, name, "Warning", "CapCut", text)
                self._cut.add(name)
            elif cap > before:
                text = (
                    f"the effective cap rises from {before:,} W to {cap:,} W{_brake(picture.domains[name])}"
                )
                self._on_domain(picture, name, "Normal", "CapRaised", text)
            self._tell_kept(picture, scene, name)
        self._caps = caps
        self._cut &= caps.keys()

    def _is_ramping(self, scene: Scene, domain: str) -> bool:
        return any(self._phases.get(level) == RAMPING for level in scene.view.domains[domain].chain)

    def _tell_kept(self, picture: Picture, scene: Scene, name: str) -> None:
        """After a cut: once every node of the domain has confirmed what fits under it."""
        booked, cap = scene.books.reserved_total[name], scene.view.domains[name].cap_watts
        if name in self._cut and booked <= cap and name not in scene.books.unsettled:
            self._cut.discard(name)
            text = f"every node has confirmed: {booked:,} W are booked under the cap of {cap:,} W"
            self._on_domain(picture, name, "Normal", "CapHeld", text)

    def _tell_refused(self, picture: Picture, scene: Scene) -> None:
        for node, why in scene.bases.refused.items():
            if self._refused.get(node) != why:
                self._on_node(picture, node, "Warning", "NodeNotAdmitted", why)
        self._refused = dict(scene.bases.refused)

    def _tell_silent(self, picture: Picture, scene: Scene) -> None:
        fell, spoke = self._silent.update(unconfirmed(scene), self._clock.monotonic())
        for node in fell:
            self._on_node(picture, node, "Warning", "NodeSilent", silence(scene, node, SILENT_SECONDS))
        for node in spoke:
            self._on_node(
                picture, node, "Normal", "NodeHeard", "its agent confirms again, or no longer has to"
            )

    def _tell_held(self, picture: Picture, scene: Scene, writes: list[Write]) -> None:
        releasing = {
            write.node
            for write in writes
            if isinstance(write, FinishRelease) or (isinstance(write, WriteBudget) and write.budget.release)
        }
        waiting = waiting_releases(scene, releasing)
        late, _ = self._held.update(waiting, self._clock.monotonic())
        for node in late:
            self._on_node(picture, node, "Warning", "ReleaseHeld", waiting[node])

    def _tell_grants(self, picture: Picture, scene: Scene, writes: list[WriteBudget]) -> None:
        """One Event per domain and direction, not one per node."""
        changes: dict[tuple[str, str], list[int]] = {}
        for write in writes:
            node = scene.view.nodes[write.node]
            before = node.frequencies.budget if node.frequencies else None
            if before is None or before.grant_watts == write.budget.grant_watts:
                continue
            delta = write.budget.grant_watts - before.grant_watts
            reason = "GrantRaised" if delta > 0 else "GrantLowered"
            changes.setdefault((write.budget.domain, reason), []).append(abs(delta))
        for (domain, reason), deltas in changes.items():
            verb = "raised" if reason == "GrantRaised" else "lowered"
            text = (
                f"{counted(len(deltas), 'grant')} {verb}, by {sum(deltas):,} W in all"
                if len(deltas) > 1
                else f"1 grant {verb} by {deltas[0]:,} W"
            )
            self._on_domain(picture, domain, "Normal", reason, text)

    def _on_domain(self, picture: Picture, name: str, kind: str, reason: str, text: str) -> None:
        log.info(text, extra={"domain": name, "event": reason})
        if name in picture.domains:
            self._events.event(reference(POWER_DOMAINS, picture.domains[name]), kind, reason, text)

    def _on_node(self, picture: Picture, name: str, kind: str, reason: str, text: str) -> None:
        """On the node's NodeFrequencies, where its budget is looked for, or else on the Node."""
        log.info(text, extra={"node": name, "event": reason})
        if name in picture.objects:
            self._events.event(reference(NODE_FREQUENCIES, picture.objects[name]), kind, reason, text)
        elif name in picture.nodes:
            self._events.event(reference(NODES, picture.nodes[name]), kind, reason, text)


def _brake(domain: PowerDomain) -> str:
    percent = domain.spec.brake_percent
    return f" (spec.brakePercent is {percent})" if percent else ""


def _log(write: Write) -> None:
    match write:
        case CreateFrequencies() | FinishRelease():
            log.info(type(write).__name__, extra={"node": write.node, "reason": write.reason})
        case WriteBudget():
            budget = write.budget
            log.info(
                "budget",
                extra={
                    "node": write.node,
                    "sequence": budget.sequence,
                    "base_watts": budget.base_watts,
                    "grant_watts": budget.grant_watts,
                    "reserved_watts": budget.reserved_watts,
                    "reason": write.reason,
                },
            )
        case WriteEnforcement():
            word = write.enforcement
            log.debug(
                "heartbeat",
                extra={
                    "domain": write.domain,
                    "effective_cap_watts": word.effective_cap_watts,
                    "granted_cap_watts": word.granted_cap_watts,
                    "base_watts": word.base_watts,
                    "reserved_watts": word.reserved_watts,
                },
            )
