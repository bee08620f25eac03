"""One alert for one fact: it begins late, is told once, worsens aloud and ends for sure."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from admission.alerts.book import AlertBook, Patience
from common.alerts.notice import CRITICAL, WARNING
from tests.unit.alerts.notices_for_tests import fact

START = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE = Patience(fire_after_seconds=30, resolve_after_seconds=60)


class Setup:
    def __init__(self, patience=PATIENCE):
        self.patience = patience
        self.book = AlertBook(patience)

    def at(self, seconds, *facts):
        told = self.book.observe(facts, START + timedelta(seconds=seconds))
        return [(notice.name, notice.state, notice.severity) for notice in told]

    def restart(self):
        self.book = AlertBook(self.patience, self.book.alerts())


def test_fact_is_told_once_it_has_held_and_not_again():
    setup = Setup()
    assert setup.at(0, fact()) == []
    assert setup.at(29, fact()) == []
    assert setup.at(30, fact()) == [("PolicyOverCap", "firing", WARNING)]
    assert setup.at(35, fact(detail="another figure")) == []
    assert setup.book.firing()[0].detail == "another figure"


def test_fact_that_passes_is_never_told():
    setup = Setup()
    setup.at(0, fact())
    assert setup.at(20) == []
    assert setup.at(25, fact()) == []
    assert setup.at(50, fact()) == []


def test_end_is_told_once_it_is_sure_with_the_time_it_was_last_seen():
    setup = Setup()
    setup.at(0, fact())
    setup.at(40, fact())
    assert setup.at(99) == []
    (ended,) = setup.book.observe([], START + timedelta(seconds=100))
    assert (ended.state, ended.started_at, ended.ended_at) == (
        "resolved",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:40Z",
    )
    assert setup.at(200) == []


def test_fact_that_flaps_is_one_alert():
    setup = Setup()
    setup.at(0, fact())
    told = [
        each for second in range(30, 600) for each in setup.at(second, *([fact()] if second % 50 else []))
    ]
    assert told == [("PolicyOverCap", "firing", WARNING)]


def test_alert_that_worsens_is_told_again_one_that_eases_is_not():
    setup = Setup()
    setup.at(0, fact())
    setup.at(30, fact())
    assert setup.at(35, fact(severity=CRITICAL)) == [("PolicyOverCap", "firing", CRITICAL)]
    assert setup.at(40, fact(severity=WARNING)) == []


def test_restart_neither_repeats_nor_forgets():
    setup = Setup()
    setup.at(0, fact())
    setup.at(30, fact())
    setup.restart()
    assert setup.at(40, fact()) == []
    setup.restart()
    assert setup.at(200) == [("PolicyOverCap", "resolved", WARNING)]


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3), max_size=60))
def test_of_each_alert_beginning_and_end_alternate(looks):
    setup = Setup(Patience(10, 15))
    states: dict[str, list[str]] = {}
    for index, held in enumerate([*looks, *[[]] * 5]):
        facts = [fact(of=name) for name in held]
        for notice in setup.book.observe(facts, START + timedelta(seconds=5 * index)):
            states.setdefault(notice.subject.name, []).append(notice.state)
    for told in states.values():
        assert told == ["firing", "resolved"] * (len(told) // 2)
    assert setup.book.alerts() == []
