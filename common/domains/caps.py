"""The cap that holds in a domain right now: own cap, schedules, load target, heat and brake."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import UNSET

from common.api.domain import CapSchedule, DomainSpec, LoadTarget, Observed
from common.api.meta import parse_time
from common.domains.cron import CronError, last_start, parse_cron, parse_zone

DERATING_PERCENT_PER_DEGREE = 10
"""Of the cap, for each degree of the hottest inlet over its limit. One figure for all rooms: it only has to
be steep enough to win, since what is left is measured and counted again a minute later."""


def effective_cap_watts(spec: DomainSpec, now: datetime, observed: Observed | None = None) -> int | None:
    """Returns the cap that holds at ``now``, in whole watts; None where nothing sets one.

    The lowest of ``capWatts``, the schedules whose window is open and the load target, derated where the
    hottest inlet is over its limit, less ``brakePercent`` of that. Never under ``minimumCapWatts``, which is
    what the bases were fitted under: a cap below it could not be held by cutting. A schedule that cannot be
    read counts as open (the tree reports it).
    """
    caps = [schedule.cap_watts for schedule in spec.cap_schedules if _is_open(schedule, now)]
    if spec.cap_watts is not None:
        caps.append(spec.cap_watts)
    lowest = min(caps, default=None)
    if spec.load_target is not None:
        lowest = _under_load_target(spec.load_target, lowest, now)
    if lowest is None:
        return None
    return _braked(derated_watts(lowest, spec.max_inlet_temperature, observed), spec)


def derated_watts(cap_watts: int, max_inlet_celsius: int | None, observed: Observed | None) -> int:
    """Returns what is left of a cap while an inlet is too hot: a part less for each degree over the limit.

    Proportional and without memory, so that the cap comes back as the room cools, and whoever computes it
    from the same status gets the same watts. An old temperature goes on counting: heat is not gone because
    nobody looks.

    Args:
        cap_watts: The cap without regard to heat.
        max_inlet_celsius: The limit; None for none.
        observed: What was measured; None, or without a temperature, where nothing was.
    """
    hottest = observed.hottest_inlet if observed is not None else UNSET
    if max_inlet_celsius is None or not isinstance(hottest, int):
        return cap_watts
    over = max(hottest - max_inlet_celsius, 0)
    return cap_watts * max(100 - DERATING_PERCENT_PER_DEGREE * over, 0) // 100


def spec_cap_watts(spec: DomainSpec) -> int | None:
    """Returns ``capWatts`` less the brake, never under ``minimumCapWatts``; None without ``capWatts``.

    This is what an agent obeys straight from spec, before the actuator has said anything; it needs neither
    schedules nor time zones, which reach agents through ``status.enforcement``.
    """
    return None if spec.cap_watts is None else _braked(spec.cap_watts, spec)


def minimum_cap_watts(spec: DomainSpec) -> int | None:
    """Returns the lowest cap that may come: ``minimumCapWatts``, or else the lowest cap that is set."""
    if spec.minimum_cap_watts is not None:
        return spec.minimum_cap_watts
    caps = [schedule.cap_watts for schedule in spec.cap_schedules]
    if spec.cap_watts is not None:
        caps.append(spec.cap_watts)
    return min(caps, default=None)


def _braked(watts: int, spec: DomainSpec) -> int:
    left = watts * (100 - (spec.brake_percent or 0)) // 100
    return max(left, spec.minimum_cap_watts or 0)


def _is_open(schedule: CapSchedule, now: datetime) -> bool:
    try:
        cron, zone = parse_cron(schedule.start), parse_zone(schedule.time_zone)
    except CronError:
        return True
    return last_start(cron, zone, now, timedelta(seconds=schedule.duration_seconds)) is not None


def _under_load_target(target: LoadTarget, cap: int | None, now: datetime) -> int | None:
    """Returns what is left of a cap: a straight ramp down that ends at the start, then the target.

    Without a cap there is nothing to come down from: the target holds as soon as the ramp begins.
    """
    goal = _goal_watts(target, cap)
    start, end = parse_time(target.start_time), parse_time(target.end_time)
    if goal is None or (cap is not None and goal >= cap) or (end is not None and now >= end):
        return cap
    if start is None or now >= start:
        return goal
    ahead = (start - now).total_seconds()
    if ahead >= target.ramp_seconds:
        return cap
    return goal if cap is None else goal + int((cap - goal) * ahead / target.ramp_seconds)


def _goal_watts(target: LoadTarget, cap: int | None) -> int | None:
    """Returns the watts that a target asks for; None for a percentage of nothing."""
    if target.watts is not None:
        return target.watts
    return None if cap is None or target.percent is None else cap * target.percent // 100
