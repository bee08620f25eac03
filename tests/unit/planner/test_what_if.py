"""Changes that ``climatik plan --what-if`` makes to a question."""

import itertools
import math

import pytest

from climatik.plan.question import Question
from climatik.plan.what_if import WhatIfError, changed
from tests.unit.planner.services import service

QUESTION = Question((service("chat"), service("mail")), 4000.0)


def _row(question, name="chat"):
    return next(one for one in question.services if one.key.name == name)


def test_the_cap_is_changed():
    assert changed(QUESTION, ["cap=8000"]).cap_watts == 8000.0


def test_price_and_carbon_are_changed():
    weights = changed(QUESTION, ["price=0.30", "carbon=400"]).weights
    assert (weights.usd_per_kwh, weights.gco2_per_kwh) == (0.30, 400.0)


def test_replicas_are_pinned_and_others_left_alone():
    after = changed(QUESTION, ["default/chat.replicas=4"])
    assert (_row(after).least_replicas, _row(after).most_replicas) == (4, 4)
    assert _row(after, "mail") == _row(QUESTION, "mail")
    assert after.plan().row(_row(after).key).replicas == 4


def test_pinned_to_none_runs_none():
    after = changed(QUESTION, ["default/chat.replicas=0"])
    assert after.plan().row(_row(after).key).replicas == 0


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ("default/chat.load=2500", "tokens_per_second", 2500.0),
        ("default/chat.target=80", "target_seconds", 0.08),
        ("default/chat.priority=-3", "priority", -3),
        ("chat.load=1", "tokens_per_second", 1.0),
    ],
)
def test_a_number_of_a_service_is_changed(change, field, value):
    assert getattr(_row(changed(QUESTION, [change])), field) == pytest.approx(value)


def test_later_changes_win():
    assert changed(QUESTION, ["cap=1", "cap=2"]).cap_watts == 2.0


def test_no_change_changes_nothing():
    assert changed(QUESTION, []) == QUESTION


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("cap", "no ="),
        ("cap=", "cap=8000"),
        ("cap=0", "at least 1"),
        ("cap=nan", "number"),
        ("cap=inf", "number"),
        ("price=-1", "price=0.30"),
        ("watts=5", "cannot be changed"),
        ("default/chat.colour=5", "cannot be changed"),
        ("default/chat.replicas=1.5", "whole number"),
        ("default/chat.replicas=-1", "at least 0"),
        ("default/nobody.replicas=1", "there are: default/chat, default/mail"),
    ],
)
def test_what_cannot_be_changed_names_flag_change_and_remedy(change, told):
    with pytest.raises(WhatIfError) as raised:
        changed(QUESTION, [change])
    assert f"--what-if {change}" in str(raised.value)
    assert told in str(raised.value)


def test_more_watts_never_serve_less():
    served = [
        sum(
            row.option.tokens_per_second
            for row in changed(QUESTION, [f"cap={cap}"]).plan(5.0).rows
            if row.option
        )
        for cap in range(1500, 9000, 750)
    ]
    assert all(math.isfinite(one) for one in served)
    assert all(later >= earlier - 1e-6 for earlier, later in itertools.pairwise(served))
