"""``climatik algorithms backtest``: the same load for all, ranked; strangers too; mistakes are named."""

import json
from pathlib import Path

import pytest

from climatik.__main__ import main as climatik
from common.algorithms import registry
from common.algorithms.third_party.algorithm import ThirdPartyAlgorithm
from common.algorithms.third_party.discover import Offer
from common.replay.backtest import Entrant, backtest, everybody
from common.replay.contenders import NO_CONTROL, PROMISED
from tests.unit.replay.rows import small_scenario

EXAMPLE = str(Path(__file__).parents[3] / "deploy/examples/third-party-algorithm")
SHORT = ["--minutes", "4", "--seeds", "1", "--servers", "50"]


@pytest.fixture
def example(monkeypatch):
    """The example package as if it were installed."""
    offer = Offer("proportional-share", "proportional_share:ProportionalShare", "example 1.0", (EXAMPLE,))
    algorithm = ThirdPartyAlgorithm(offer)
    monkeypatch.setattr(registry, "third_parties", lambda: {"proportional-share": algorithm})
    yield
    algorithm.close()


def ranked(names, servers=50):
    scenario = small_scenario(4.0)
    entrants = [Entrant(name, {}) for name in names]
    return backtest(scenario, servers, [1], entrants, price_per_kilowatt_hour=0.1)


def test_who_meets_every_objective_comes_before_who_does_not():
    standings = ranked(["uniform", "polca", NO_CONTROL])
    assert [standing.acceptable for standing in standings] == [1, 1, 0]
    assert standings[-1].label == "uniform"


def test_watts_over_the_cap_cost_a_place():
    standings = ranked([NO_CONTROL, "water-filling"], servers=54)
    assert [standing.acceptable for standing in standings] == [0, 0]
    assert [standing.label for standing in standings] == ["water-filling", NO_CONTROL]


def test_every_figure_has_its_spread_over_the_seeds():
    scenario = small_scenario(4.0)
    (standing,) = backtest(scenario, 46, [1, 2, 3], [Entrant(NO_CONTROL, {})], price_per_kilowatt_hour=0.1)
    energy = standing.figures["megajoules"]
    assert energy.least < energy.most
    assert energy.least <= energy.median <= energy.most
    cost = standing.figures["cost_per_million_tokens"].median
    tokens = standing.figures["tokens"].median
    assert cost == pytest.approx(1e6 * energy.median / 3.6 * 0.1 / tokens, rel=0.05)


def test_progress_tells_every_replay():
    told = []
    backtest(
        small_scenario(4.0), 44, [1, 2], [Entrant("uniform", {}), Entrant(NO_CONTROL, {})],
        price_per_kilowatt_hour=0.1, progress=lambda label, seed: told.append((label, seed)),
    )  # fmt: skip
    assert told == [("uniform", 1), (NO_CONTROL, 1), ("uniform", 2), (NO_CONTROL, 2)]


def test_the_example_of_a_third_party_takes_part(example, capsys):
    assert climatik(["algorithms", "backtest", "proportional-share:use-percent=90", "uniform", *SHORT]) == 0
    out = capsys.readouterr().out
    assert "proportional-share:use-percent=90" in out
    assert "uniform" in out


def test_everybody_takes_part_unless_some_are_named(example):
    names = [entrant.name for entrant in everybody()]
    assert {NO_CONTROL, PROMISED, "polca", "exact", "proportional-share"} <= set(names)


def test_scripts_get_figures(capsys):
    assert climatik(["algorithms", "backtest", "polca", "polca:first-threshold=85", "--json", *SHORT]) == 0
    standings = json.loads(capsys.readouterr().out)
    assert {one["label"] for one in standings} == {"polca", "polca:first-threshold=85"}
    assert set(standings[0]["figures"]["peak_percent"]) == {"median", "least", "most"}


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["polka"], 1, "no algorithm is called 'polka'"),
        (["polca:first-treshold=85"], 1, "has no parameter 'first-treshold'"),
        (["polca:85"], 1, "write polca:85=VALUE"),
        (["uniform", "--data", "/nowhere"], 2, "no folder load under /nowhere"),
        (["uniform", "--servers", "1"], 2, "--servers must be at least 2"),
        (["uniform", "--seeds", "0"], 2, "--seeds must be at least 1"),
        (["uniform", "--minutes", "1"], 2, "--minutes must be over 2"),
    ],
)
def test_mistakes_are_named(arguments, status, said, capsys):
    assert climatik(["algorithms", "backtest", *arguments]) == status
    assert said in capsys.readouterr().err


def test_the_help_teaches(capsys):
    with pytest.raises(SystemExit):
        climatik(["algorithms", "backtest", "--help"])
    out = capsys.readouterr().out
    assert "79 %" in out
    assert "examples:" in out
