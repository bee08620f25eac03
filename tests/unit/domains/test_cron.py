"""Cron expressions in time zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from common.domains.cron import CronError, last_start, parse_cron, parse_zone

DAY = timedelta(days=1)
STARTS = {
    "every quarter": ("*/15 * * * *", "UTC", "2026-03-04T12:07:00", "2026-03-04T12:00:00"),
    "at the start itself": ("0 12 * * *", "UTC", "2026-03-04T12:00:00", "2026-03-04T12:00:00"),
    "weekdays by name": ("0 8 * * mon-fri", "UTC", "2026-03-04T12:00:00", "2026-03-04T08:00:00"),
    "seven is Sunday": ("0 8 * * 7", "UTC", "2026-03-08T09:00:00", "2026-03-08T08:00:00"),
    "either day field": ("0 8 13 * wed", "UTC", "2026-03-04T09:00:00", "2026-03-04T08:00:00"),
    "both where one is a star": ("0 8 * mar wed", "UTC", "2026-03-04T09:00:00", "2026-03-04T08:00:00"),
    "list and step": ("5,35-59/10 8 * * *", "UTC", "2026-03-04T08:50:00", "2026-03-04T08:45:00"),
    "winter": ("0 8 * * *", "Europe/Berlin", "2026-01-10T12:00:00", "2026-01-10T07:00:00"),
    "summer": ("0 8 * * *", "Europe/Berlin", "2026-07-10T12:00:00", "2026-07-10T06:00:00"),
    "skipped hour starts late": ("30 2 * * *", "Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:30:00"),
    "hour that comes twice": ("30 2 * * *", "Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T00:30:00"),
}


@pytest.mark.parametrize("name", STARTS)
def test_the_latest_start(name: str) -> None:
    text, zone, now, start = STARTS[name]
    found = last_start(parse_cron(text), parse_zone(zone), _utc(now), DAY)
    assert found == _utc(start)


def test_no_start_within_the_window() -> None:
    assert last_start(parse_cron("0 8 1 1 *"), UTC, _utc("2026-03-04T12:00:00"), DAY) is None


@pytest.mark.parametrize(
    "text", ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *",
             "a * * * *", "*/0 * * * *", "1- * * * *"]
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(CronError):
        parse_cron(text)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(CronError, match="Mars"):
        parse_zone("Mars/Base")


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
