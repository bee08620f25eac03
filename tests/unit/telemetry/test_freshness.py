"""Old values are not used, and whoever has gone silent is named with age, limit and remedy."""

import numpy as np

from common.telemetry.dialects.climatik import ClimatikDialect
from common.telemetry.freshness import Freshness
from common.telemetry.reading import Reading
from common.telemetry.table import SCOPE_NODE, Place, make_table

LIMIT = ClimatikDialect.age_limit_seconds


def reading(at, **ages):
    places = [Place(SCOPE_NODE, node) for node in ages]
    watts = np.full(len(ages), 100.0)
    return Reading(at, make_table("climatik", places, watts, np.array(list(ages.values()), dtype=float)))


def test_rows_beyond_the_limit_are_not_used():
    freshness = Freshness([ClimatikDialect()])
    table = freshness.fresh(reading(1000.0, young=1.0, old=LIMIT + 1), 1000.0)
    assert list(table.node) == ["young"]


def test_a_reading_ages_while_no_other_comes():
    freshness = Freshness([ClimatikDialect()])
    assert len(freshness.fresh(reading(1000.0, a=1.0), 1000.0 + LIMIT)) == 0


def test_a_node_that_vanished_from_the_answers_is_silent():
    freshness = Freshness([ClimatikDialect()])
    freshness.fresh(reading(1000.0, a=0.0, b=0.0), 1000.0)
    freshness.fresh(reading(1100.0, a=0.0), 1100.0)
    (silence,) = freshness.silences(1100.0, ["a", "b"])
    assert (silence.source, silence.node, silence.age_seconds, silence.limit_seconds) == (
        "climatik",
        "b",
        100.0,
        LIMIT,
    )
    assert "node agent" in silence.remedy


def test_a_node_that_left_the_cluster_is_not_missed():
    freshness = Freshness([ClimatikDialect()])
    freshness.fresh(reading(1000.0, gone=0.0), 1000.0)
    assert freshness.silences(1100.0, ["other"]) == []


def test_a_silence_is_forgotten_after_an_hour():
    freshness = Freshness([ClimatikDialect()])
    freshness.fresh(reading(1000.0, a=0.0), 1000.0)
    freshness.fresh(reading(6000.0), 6000.0)
    assert freshness.silences(6000.0, ["a"]) == []


def test_a_clock_that_was_set_back_hides_no_silence():
    freshness = Freshness([ClimatikDialect()])
    freshness.fresh(reading(5000.0, a=0.0), 5000.0)
    freshness.fresh(reading(1000.0), 1000.0)
    (silence,) = freshness.silences(1100.0, ["a"])
    assert silence.age_seconds == 100.0
