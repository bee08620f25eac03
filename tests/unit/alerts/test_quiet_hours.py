"""Quiet hours: also past midnight, in any time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from admission.alerts.quiet import parse_quiet_hours
from common.service.settings import SettingsError

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        ("22:00-07:00", "21:59", False),
        ("22:00-07:00", "22:00", True),
        ("22:00-07:00", "03:00", True),
        ("22:00-07:00", "07:00", False),
        ("12:00-13:00", "12:30", True),
        ("12:00-13:00", "13:00", False),
    ],
)
def test_hours_hold(hours, at, quiet):
    hour, minute = map(int, at.split(":"))
    moment = datetime(2026, 7, 1, hour, minute, tzinfo=BERLIN).astimezone(ZoneInfo("UTC"))
    assert parse_quiet_hours(hours, "Europe/Berlin").hold(moment) is quiet


def test_none_are_none():
    assert parse_quiet_hours("", "UTC") is None


@pytest.mark.parametrize(
    ("hours", "zone", "flag"),
    [
        ("22-7", "UTC", "--quiet-hours"),
        ("25:00-07:00", "UTC", "--quiet-hours"),
        ("22:00-22:00", "UTC", "--quiet-hours"),
        ("22:00-07:00", "X/Y", "zone"),
    ],
)
def test_malformed_hours_name_flag_and_remedy(hours, zone, flag):
    with pytest.raises(SettingsError, match=flag):
        parse_quiet_hours(hours, zone)
