"""Watts at a slowdown, where nothing like it was measured, and in the phases of inference."""

import numpy as np
import pytest

from common.models.slowdown.generic import generic_model, speed_share
from common.models.slowdown.inverse import watts_at_slowdown
from common.models.slowdown.phases import DECODE, PREFILL, clock_at_slowdown, decode_watts, phase_of
from common.models.slowdown.table import TableError, read_table

LIMITS = np.linspace(200.0, 700.0, 8)


@pytest.mark.parametrize("draw", [300, 450, 600, 700])
@pytest.mark.parametrize("exponent", [1.5, 2.0, 2.8])
def test_the_generic_answer_is_near_for_boards_of_any_kind(draw, exponent):
    estimate = generic_model(700).estimate(LIMITS, float(draw))
    found = watts_at_slowdown(estimate, 0.1)
    slower = 1 / speed_share(np.array([found.watts]), draw, 0.15 * 700, exponent)[0] - 1
    assert slower <= 0.3
    assert found.lower <= found.watts <= found.upper <= 700


def test_more_slowdown_never_needs_more_watts():
    estimate = generic_model(700).estimate(LIMITS, 600.0)
    watts = [watts_at_slowdown(estimate, share).watts for share in (0.0, 0.02, 0.05, 0.1, 0.3, 1.0)]
    assert watts == sorted(watts, reverse=True)
    assert watts[0] > watts[3]


def test_own_probes_narrow_the_interval():
    seconds = 1 / speed_share(LIMITS, 600.0, 100.0, 2.0)
    probes = {float(w): float(s) for w, s in zip(LIMITS[[0, 3, 7]], seconds[[0, 3, 7]], strict=True)}
    bare = watts_at_slowdown(generic_model(700).estimate(LIMITS, 600.0), 0.2)
    probed = watts_at_slowdown(generic_model(700).estimate(LIMITS, 600.0, probes), 0.2)
    assert probed.upper - probed.lower < bare.upper - bare.lower


def test_a_slowdown_under_zero_is_refused():
    with pytest.raises(ValueError, match="at least 0"):
        watts_at_slowdown(generic_model(700).estimate(LIMITS, 600.0), -0.1)


def test_decode_bears_lower_clocks_than_prefill():
    prefill, decode = clock_at_slowdown(PREFILL, 0.1), clock_at_slowdown(DECODE, 0.1)
    assert prefill.share == pytest.approx(1 / 1.1)
    assert decode.lower < decode.share < decode.upper < prefill.share
    assert clock_at_slowdown(DECODE, 0.0).share == 1.0


def test_decode_draws_less_at_lower_clocks_but_not_in_proportion():
    assert decode_watts(500.0, 1.0) == 500.0
    assert 0.5 * 500 < decode_watts(500.0, 0.5) < 500.0


@pytest.mark.parametrize(
    ("prompt", "generated", "phase"),
    [(1000, 100, PREFILL), (0, 100, DECODE), (1, 100, DECODE), (0, 0, PREFILL)],
)
def test_phase_by_tokens(prompt, generated, phase):
    assert phase_of(prompt, generated) == phase


HEADER = "network,batch_size,power_limit,time_per_epoch,average_power"


def test_a_table_names_workloads_by_its_other_columns():
    rows = [HEADER, "bert,8,100,20,95", "bert,8,200,12,190", "bert,8,300,10,250", "bert,16,100,30,99"]
    first, second = read_table(rows)
    assert (first.name, first.family, first.uncapped_draw_watts) == ("bert 8", "bert", 250.0)
    assert first.sweep.seconds.tolist() == [20.0, 12.0, 10.0]
    assert second.sweep is None


BAD = {
    "no limits": (["seconds,average_power", "1,2"], "power_limit or limit_watts"),
    "no number": ([HEADER, "bert,8,100,x,95"], "line 2, time_per_epoch"),
    "negative": ([HEADER, "bert,8,100,20,95", "bert,8,-5,20,95"], "line 3, power_limit"),
    "not finite": ([HEADER, "bert,8,100,inf,95"], "line 2, time_per_epoch"),
    "empty": ([], "it has nothing"),
}


@pytest.mark.parametrize(("rows", "text"), BAD.values(), ids=BAD.keys())
def test_a_bad_table_names_line_and_column(rows, text):
    with pytest.raises(TableError, match=text):
        read_table(rows)
