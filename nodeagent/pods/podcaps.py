"""Caps that belong to a pod: they hold on a board for exactly as long as the pod holds it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from common.api.frequencies import PodPowerLimit
from nodeagent.pods.tenancy import Tenancy
from nodeagent.setpoints import SetPoint, SetPoints


def with_pod_caps(
    points: SetPoints, limits: Sequence[PodPowerLimit], tenancy: Tenancy, boards: Collection[str]
) -> SetPoints:
    """Returns set points with the caps of pods folded in, the lower of two for each board.

    A board that several pods hold is capped at the sum of their caps if every one of them has one, else not
    at all: a pod without a cap may use what it finds, and nothing on the board could keep the others apart.

    Args:
        points: Set points of devices.
        limits: Caps of pods.
        tenancy: Who is on which board.
        boards: UUIDs of the node's boards.
    """
    if not limits:
        return points
    by_device = dict(points.by_device)
    unknown = dict(points.unknown_gpus)
    notes: dict[str, str] = {}
    for board, own in _by_board(limits).items():
        if board not in boards:
            unknown.setdefault(board, SetPoint(watts=sum(limit.watts for limit in own)))
            continue
        watts, note = _cap(board, own, tenancy)
        if watts is not None:
            by_device[board] = _lowered(by_device.get(board, SetPoint()), watts)
        if note:
            notes[board] = note
    return replace(points, by_device=by_device, unknown_gpus=unknown, notes=notes)


def _by_board(limits: Iterable[PodPowerLimit]) -> Mapping[str, list[PodPowerLimit]]:
    found: dict[str, list[PodPowerLimit]] = {}
    for limit in limits:
        found.setdefault(limit.gpu_id, []).append(limit)
    return found


def _cap(board: str, limits: Sequence[PodPowerLimit], tenancy: Tenancy) -> tuple[int | None, str]:
    """Returns the cap of a board (None: none holds), and in plain words which limits wait and for what."""
    if not tenancy.known:
        return None, f"caps of pods wait: {tenancy.message or 'who holds this GPU is not known'}"
    pods = tenancy.pods_on(board)
    bound = {_key(limit): limit.watts for limit in limits if _holds(limit, pods, tenancy)}
    waiting = sorted({_key(limit) for limit in limits} - bound.keys())
    note = f"the cap of {_named(waiting)} waits until that pod holds this GPU" if waiting else ""
    uncapped = [pod for pod in pods if pod not in bound]
    if not bound:
        return None, note
    if uncapped:
        return None, f"no cap of a pod holds while {_named(uncapped)}, without one, shares this GPU"
    return sum(bound.values()), note


def _holds(limit: PodPowerLimit, pods: Collection[str], tenancy: Tenancy) -> bool:
    key = _key(limit)
    facts = tenancy.facts.get(key)
    other = bool(limit.pod_uid) and facts is not None and facts.uid != limit.pod_uid
    return key in pods and not other


def _lowered(point: SetPoint, watts: int) -> SetPoint:
    return replace(point, watts=watts if point.watts is None else min(point.watts, watts))


def _key(limit: PodPowerLimit) -> str:
    return f"{limit.pod_namespace}/{limit.pod_name}"


def _named(pods: Sequence[str]) -> str:
    more = f" and {len(pods) - 1} more" if len(pods) > 1 else ""
    return f"pod {pods[0]}{more}"
