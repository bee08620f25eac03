"""Alerts that somebody asked not to hear of: held back, told again at the end, never lost."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admission.alerts.sender import Manners
from admission.alerts.snoozes import Snoozes
from common.alerts.notice import CRITICAL, WARNING
from common.alerts.snooze import EVERY_ALERT, MAX_SNOOZES, Snooze, decode_snoozes, snooze_key, snooze_patch
from tests.unit.alerts.notices_for_tests import notice, subject

NOW = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=1)
SECOND = timedelta(seconds=1)


def snooze(severity=WARNING, until="2026-01-01T01:00:00Z"):
    return Snooze(until=until, severity=severity, alert="PolicyOverCap", where="x", by="U1")


def known(of="chat", alert="PolicyOverCap", **how):
    return {snooze_key(alert, subject(of)): snooze(**how)}


def looked(entries, *firing, at=NOW):
    snoozes = Snoozes()
    snoozes.look(entries, firing, at)
    return snoozes


def test_snoozed_alert_waits_until_the_end():
    snoozes = looked(known())
    assert snoozes.holds(notice("chat"), UNTIL - SECOND)
    assert not snoozes.holds(notice("chat"), UNTIL)


def test_others_are_told():
    snoozes = looked(known())
    assert not snoozes.holds(notice("embed"), NOW)
    assert not snoozes.holds(notice("chat", name="TelemetryStale"), NOW)


def test_snooze_of_an_object_holds_all_that_is_about_it():
    snoozes = looked(known(alert=EVERY_ALERT))
    assert snoozes.holds(notice("chat", name="TelemetryStale"), NOW)
    assert not snoozes.holds(notice("embed"), NOW)


def test_what_is_more_severe_than_it_was_is_told():
    assert not looked(known(severity=WARNING)).holds(notice("chat", CRITICAL), NOW)
    assert looked(known(severity=CRITICAL)).holds(notice("chat", CRITICAL), NOW)


def test_alert_that_still_fires_at_the_end_is_told_again_once():
    snoozes, alert = Snoozes(), notice("chat")
    assert snoozes.look(known(), [alert], NOW) == []
    assert snoozes.look(known(), [alert], UNTIL) == [alert]
    assert snoozes.look(known(), [alert], UNTIL + SECOND) == []


def test_alert_that_is_over_by_then_is_not():
    snoozes = Snoozes()
    snoozes.look(known(), [notice("chat")], NOW)
    assert snoozes.look(known(), [], UNTIL) == []


def test_entry_that_somebody_deletes_ends_the_snooze():
    snoozes, alert = Snoozes(), notice("chat")
    snoozes.look(known(), [alert], NOW)
    assert snoozes.look({}, [alert], NOW + SECOND) == [alert]


def test_only_people_are_spared():
    snoozes = looked(known())
    assert not Manners(snoozes=snoozes).allow(notice("chat"), NOW)
    assert Manners().allow(notice("chat"), NOW)


def test_time_without_a_zone_is_utc():
    snoozes = looked(known(until="2026-01-01T01:00:00"))
    assert snoozes.holds(notice("chat"), NOW)
    assert not snoozes.holds(notice("chat"), NOW + timedelta(hours=1))


@pytest.mark.parametrize("until", ["", "soon", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00"])
def test_time_that_cannot_be_read_silences_nothing(until):
    assert not looked(known(until=until)).holds(notice("chat"), NOW)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=50), max_size=5))
def test_configmap_that_people_have_been_at_is_read_without_a_crash(data):
    for entry in decode_snoozes(data).values():
        assert isinstance(entry.ended(NOW), bool)


def merged(data, patch):
    both = {**data, **patch["data"]}
    return {key: value for key, value in both.items() if value is not None}


def text_of(entry):
    return msgspec.json.encode(entry).decode()


def test_entries_that_have_ended_or_cannot_be_read_go_with_the_next_write():
    data = {
        "old": text_of(snooze(until="2025-12-31T00:00:00Z")),
        "broken": "?",
        "live": text_of(snooze()),
    }
    after = merged(data, snooze_patch(data, "new", snooze(), NOW))
    assert set(after) == {"live", "new"}


def test_there_are_never_more_entries_than_the_bound():
    data = {}
    for index in range(MAX_SNOOZES + 20):
        until = (NOW + timedelta(minutes=index + 1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        data = merged(data, snooze_patch(data, f"k{index}", snooze(until=until), NOW))
    assert len(data) == MAX_SNOOZES
    assert "k0" not in data
    assert f"k{MAX_SNOOZES + 19}" in data
