"""Maintenance windows: when a policy's pods may be disturbed."""

from __future__ import annotations

from datetime import datetime, timedelta

from actuator.gate.refusal import Refusal
from common.api.policy import DisruptionWindow, PowerCappingPolicy
from common.domains.cron import CronError, last_start, parse_cron, parse_zone


def window_refusal(policy: PowerCappingPolicy, now: datetime) -> Refusal | None:
    """Returns why a policy's windows forbid disruptions now; None without windows, or inside of one.

    A window that cannot be read counts as closed, and is named.
    """
    windows = policy.spec.update_policy.disruption_windows
    if not windows:
        return None
    problems = []
    for index, window in enumerate(windows):
        try:
            if _is_open(window, now):
                return None
        except CronError as error:
            problems.append(f"spec.updatePolicy.disruptionWindows[{index}]: {error}")
    if problems:
        return Refusal("WindowUnreadable", f"{'; '.join(problems)}: it counts as closed until it is mended")
    listed = ", ".join(f"{one.start!r} ({one.time_zone})" for one in windows)
    return Refusal("OutsideWindow", f"no window of spec.updatePolicy.disruptionWindows is open: {listed}")


def _is_open(window: DisruptionWindow, now: datetime) -> bool:
    length = timedelta(seconds=window.duration_seconds)
    return last_start(parse_cron(window.start), parse_zone(window.time_zone), now, length) is not None
