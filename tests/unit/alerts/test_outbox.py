"""What waits for a sink: on disk, bounded, one entry for each alert."""

import pytest

from admission.alerts.outbox import Outbox
from common.alerts.notice import CRITICAL, INFO
from tests.unit.alerts.notices_for_tests import notice


@pytest.fixture
def dropped():
    return []


@pytest.fixture
def make(tmp_path, dropped):
    return lambda limit=100: Outbox(tmp_path / "sink.json", limit, lambda: dropped.append(1))


def test_what_waits_survives_a_restart(make):
    make().put([notice("a"), notice("b")])
    assert [each.subject.name for each in make().first(10)] == ["a", "b"]


def test_what_was_told_is_gone_after_a_restart(make):
    outbox = make()
    outbox.put([notice("a"), notice("b")])
    outbox.done([notice("a")])
    assert [each.subject.name for each in make().first(10)] == ["b"]


def test_later_word_on_an_alert_takes_the_place_of_the_earlier(make):
    outbox = make()
    ended = notice("a", ended_at="2026-01-01T01:00:00Z")
    outbox.put([notice("a")])
    outbox.put([ended])
    assert outbox.first(10) == [ended]


def test_word_that_changed_while_it_was_told_stays(make):
    outbox = make()
    outbox.put([notice("a")])
    sent = outbox.first(10)
    outbox.put([notice("a", ended_at="2026-01-01T01:00:00Z")])
    outbox.done(sent)
    assert [each.state for each in outbox.first(10)] == ["resolved"]


def test_full_box_drops_the_least_severe_and_says_so(make, dropped, caplog):
    outbox = make(limit=2)
    outbox.put([notice("a", CRITICAL), notice("b", INFO), notice("c", CRITICAL)])
    assert [each.subject.name for each in outbox.first(10)] == ["a", "c"]
    assert len(dropped) == 1
    assert "an alert was dropped" in caplog.text


def test_batch_holds_one_group_of_what_is_wanted(make):
    outbox = make()
    other = notice("z", name="TelemetryStale")
    outbox.put([notice("a", INFO), other, notice("b"), notice("c")])
    found = outbox.batch(40, lambda each: each.severity != INFO)
    assert found == [other]
    outbox.done(found)
    found = outbox.batch(1, lambda each: each.severity != INFO)
    assert [each.subject.name for each in found] == ["b"]


def test_broken_file_is_kept_aside(make, tmp_path):
    (tmp_path / "sink.json").write_bytes(b"{half")
    assert len(make()) == 0
    assert (tmp_path / "sink.broken").read_bytes() == b"{half"


def test_disk_that_fails_is_told_and_memory_goes_on(make, tmp_path):
    outbox = make()
    (tmp_path / "sink.json").mkdir()
    (tmp_path / "sink.json" / "x").touch()
    outbox.put([notice("a")])
    assert "cannot be written" in outbox.problem
    assert len(outbox) == 1
