"""Hours of the day in which only what is critical is told to people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from common.alerts.notice import CRITICAL, Notice
from common.service.settings import SettingsError

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class QuietHours:
    """From one time of day to another, which may lie past midnight."""

    start: time
    end: time
    zone: ZoneInfo

    def hold(self, now: datetime) -> bool:
        """Whether it is quiet now."""
        local = now.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def allow(self, notice: Notice, now: datetime) -> bool:
        """Whether the notice may be told now; others wait for the end of the quiet hours."""
        return notice.severity == CRITICAL or not self.hold(now)


def parse_quiet_hours(text: str, zone: str) -> QuietHours | None:
    """Parses ``22:00-07:00``; None for an empty text.

    Raises:
        SettingsError: Naming the flag and the remedy.
    """
    if not text:
        return None
    match = _HOURS.fullmatch(text)
    if match is None:
        raise SettingsError(
            f"--quiet-hours: {text!r} is not HH:MM-HH:MM. For example: --quiet-hours=22:00-07:00"
        )
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise SettingsError(
            f"--quiet-hours-time-zone: {zone!r} is no IANA time zone. For example: Europe/Berlin"
        ) from None
    hours = [int(part) for part in match.groups()]
    start, end = time(hours[0], hours[1]), time(hours[2], hours[3])
    if start == end:
        raise SettingsError(f"--quiet-hours: {text!r} ends when it begins. Give two times, or leave it out.")
    return QuietHours(start, end, place)
