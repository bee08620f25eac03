"""Rules 6 and 7: the heartbeat, and E, G and B of every domain whose cap is held."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import datetime, timedelta

from actuator.ledger.scene import Scene
from actuator.ledger.views import DomainView
from actuator.ledger.writes import WriteEnforcement
from common.api.domain import Enforcement
from common.api.meta import parse_time, rfc3339_micro


def enforcement_writes(scene: Scene, now: datetime, restate: Set[str]) -> Iterator[WriteEnforcement]:
    """Yields a write for each domain with new figures, with a heartbeat due, or in ``restate``."""
    rising = _base_rises(scene)
    for name, domain in sorted(scene.view.domains.items()):
        if not domain.enforced or scene.caps.is_busy(name) or _is_foreign(scene, domain):
            continue
        word = _word(scene, domain, rising.get(name, 0), now)
        if name in restate or _is_due(scene, domain, word, now):
            yield WriteEnforcement(name, domain.uid, domain.version, word)


def _word(scene: Scene, domain: DomainView, rising: int, now: datetime) -> Enforcement:
    """Returns what there is to say of a domain.

    G is at least all reserves under it, so it rises before any raise (which must fit under what is published)
    and falls as the nodes confirm. B rises before any base, and falls only once all nodes have confirmed.
    Neither falls while a predecessor's raise may still land: it was given under that predecessor's figures.
    """
    name, before = domain.name, domain.published
    reserved, base = scene.books.reserved_total[name], scene.books.base_total[name] + rising
    granted = max(domain.cap_watts, reserved)
    if before is not None and name in scene.books.unsettled | scene.books.unstamped:
        base = max(base, before.base_watts)
    if before is not None and _may_be_raised_by_another(scene, name):
        granted = max(granted, before.granted_cap_watts)
    return Enforcement(
        leader_epoch=scene.view.epoch,
        heartbeat_time=rfc3339_micro(now),
        effective_cap_watts=domain.cap_watts,
        granted_cap_watts=granted,
        base_watts=base,
        reserved_watts=reserved,
    )


def _may_be_raised_by_another(scene: Scene, domain: str) -> bool:
    """Whether a node of the domain is not shut against a predecessor's late writes yet."""
    return domain in scene.books.unstamped


def _base_rises(scene: Scene) -> dict[str, int]:
    """Returns by how much the bases of each domain are about to rise."""
    rises: dict[str, int] = {}
    for node, base in scene.bases.watts.items():
        rise = max(base - scene.books.base[node], 0)
        for level in scene.books.levels[node]:
            rises[level] = rises.get(level, 0) + rise
    return rises


def _is_foreign(scene: Scene, domain: DomainView) -> bool:
    return domain.published is not None and domain.published.leader_epoch > scene.view.epoch


def _is_due(scene: Scene, domain: DomainView, word: Enforcement, now: datetime) -> bool:
    before = domain.published
    if before is None or _figures(before) != _figures(word):
        return True
    beat = parse_time(before.heartbeat_time)
    return beat is None or now - beat >= timedelta(seconds=scene.settings.heartbeat_seconds)


def _figures(word: Enforcement) -> tuple[int, int, int, int]:
    return (word.leader_epoch, word.effective_cap_watts, word.granted_cap_watts, word.base_watts)
