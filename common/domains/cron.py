"""Recurring windows: five-field cron expressions in a time zone.

Fields are minute, hour, day of month, month, day of week (0 and 7 are Sunday), each ``*``, a number, a
range ``a-b``, a step ``*/n`` or ``a-b/n``, or a comma-separated list of these; months and days of the week
also by their three-letter English names. As in Vixie cron, where both day fields are restricted, a day
matches if either does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_RANGES = {
    "minute": (0, 59),
    "hour": (0, 23),
    "day of month": (1, 31),
    "month": (1, 12),
    "day of week": (0, 7),
}


class CronError(ValueError):
    """A cron expression or a time zone that cannot be read; the message says which and why."""


@dataclass(frozen=True)
class Cron:
    """A parsed expression; minutes and hours ascending, days of the week with Sunday as 0."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    def matches_day(self, day: date) -> bool:
        """Whether the expression fires on a day at all."""
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_day and by_weekday
        return by_day or by_weekday


@lru_cache(maxsize=1024)
def parse_cron(text: str) -> Cron:
    """Parses a five-field expression.

    Raises:
        CronError: Naming the field that cannot be read.
    """
    parts = text.lower().split()
    if len(parts) != len(_RANGES):
        raise CronError(
            f"start {text!r} has {len(parts)} fields: cron has five (minute hour day month weekday)"
        )
    values = [_parse_field(part, name) for part, name in zip(parts, _RANGES, strict=True)]
    minutes, hours, days, months, weekdays = values
    return Cron(
        tuple(sorted(minutes)),
        tuple(sorted(hours)),
        frozenset(days),
        frozenset(months),
        frozenset(day % 7 for day in weekdays),
        any_day=parts[2].startswith("*"),
        any_weekday=parts[4].startswith("*"),
    )


@lru_cache(maxsize=64)
def parse_zone(name: str) -> tzinfo:
    """Returns an IANA time zone.

    Raises:
        CronError: If this machine does not know the zone.
    """
    if name in {"", "UTC"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise CronError(f"timeZone {name!r} is not a known IANA time zone") from error


def check_schedule(start: str, time_zone: str) -> None:
    """Raises CronError if a schedule cannot be read."""
    parse_cron(start)
    parse_zone(time_zone)


def last_start(cron: Cron, zone: tzinfo, now: datetime, within: timedelta) -> datetime | None:
    """Returns the latest start at or before ``now`` and less than ``within`` ago, in UTC; None without one.

    A local time that the change to summer time skips starts an hour later by the clock; one that happens
    twice starts at its first occurrence.
    """
    local = now.astimezone(zone)
    for back in range(within.days + 2):
        day = local.date() - timedelta(days=back)
        if not cron.matches_day(day):
            continue
        for hour in reversed(cron.hours):
            for minute in reversed(cron.minutes):
                start = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
                if start <= now:
                    return start if now - start < within else None
    return None


def _parse_field(text: str, name: str) -> set[int]:
    values: set[int] = set()
    for item in text.split(","):
        values |= _parse_item(item, name)
    return values


def _parse_item(item: str, name: str) -> set[int]:
    low, high = _RANGES[name]
    span, slash, step_text = item.partition("/")
    step = _number(step_text, name, 1, high) if slash else 1
    if span != "*":
        first, dash, last = span.partition("-")
        start = _number(first, name, low, high)
        low, high = start, _number(last, name, low, high) if dash else (high if slash else start)
    if low > high:
        raise CronError(f"{name} {item!r} runs backwards: write it as two ranges")
    return set(range(low, high + 1, step))


def _number(text: str, name: str, low: int, high: int) -> int:
    names = {"month": _MONTHS, "day of week": _DAYS}.get(name, ())
    if text in names:
        return names.index(text) + (1 if name == "month" else 0)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise CronError(f"{name} {text!r} is not between {low} and {high}")
    return int(text)
