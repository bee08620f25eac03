"""``climatik plan`` as users see it."""

import math

import pytest

from climatik.__main__ import main
from climatik.commands.plan import _print
from recommender.planner.plan import make_plan
from recommender.planner.service_state import Weights
from tests.unit.planner.services import service


def test_every_row_has_its_reason(capsys):
    _print(make_plan([service("chat"), service("mail", model=None)], 4000.0, Weights()))
    shown = capsys.readouterr().out
    assert "planned of 4000 W" in shown
    assert "% of 2000 tokens/s" in shown
    assert "nothing measured yet" in shown


def test_a_service_without_watts_is_shown(capsys):
    _print(make_plan([service("chat", priority=1), service("big", least_replicas=20)], 1500.0, Weights()))
    assert "minimum of 20 replicas" in capsys.readouterr().out


def test_without_a_cap_it_says_so(capsys):
    _print(make_plan([service()], math.inf, Weights()))
    assert "no cap" in capsys.readouterr().out


@pytest.mark.parametrize("cap", ["-1", "nan"])
def test_a_bad_cap_is_wrong_usage(capsys, cap):
    assert main(["plan", f"--cap={cap}"]) == 2
    assert "--cap" in capsys.readouterr().err
