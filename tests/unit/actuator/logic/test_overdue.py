"""A state that lasts too long is told once, and its end once."""

from __future__ import annotations

from actuator.logic.overdue import Overdue


def test_it_is_told_once_after_its_time() -> None:
    overdue = Overdue(10.0)
    assert overdue.update({"n": 1}, 0.0) == ([], [])
    assert overdue.update({"n": 1}, 9.9) == ([], [])
    assert overdue.update({"n": 1}, 10.0) == (["n"], [])
    assert overdue.update({"n": 1}, 60.0) == ([], [])


def test_its_end_is_told_only_where_it_was_told() -> None:
    overdue = Overdue(10.0)
    overdue.update({"late": 1, "brief": 1}, 0.0)
    overdue.update({"late": 1}, 10.0)
    assert overdue.update({}, 11.0) == ([], ["late"])
    assert overdue.update({}, 12.0) == ([], [])


def test_a_new_mark_starts_its_time_anew() -> None:
    overdue = Overdue(10.0)
    overdue.update({"slow": 4}, 0.0)
    assert overdue.update({"slow": 5}, 12.0) == ([], [])
    assert overdue.update({"slow": 5}, 21.0) == ([], [])
    assert overdue.update({"slow": 5}, 22.0) == (["slow"], [])
