"""Status writes: what somebody waits for at once, the rest not more than once a second."""

import pytest

from common.api.frequencies import BudgetStatus, FrequenciesStatus, GpuStatus
from nodeagent.report.pace import PaceSettings, StatusPace


def status(sequence=1, generation=1, gpu="Applied", draw=0, enforced=1000):
    return FrequenciesStatus(
        observed_generation=generation,
        power_budget=BudgetStatus(uid="u", sequence=sequence, enforced_budget_watts=enforced),
        gpus=[GpuStatus(gpu_id="a", status=gpu, draw_watts=draw)],
        draw_watts=draw,
    )


def paced(at=100.0, written=None):
    pace = StatusPace(PaceSettings())
    pace.written(written or status(), at)
    return pace


def test_the_first_status_goes_at_once():
    assert StatusPace(PaceSettings()).due_at(status(), 5.0) == 5.0


def test_a_new_confirmation_goes_at_once():
    assert paced().due_at(status(sequence=2), 100.01) == 100.01


def test_a_set_point_that_is_done_goes_at_once_and_one_that_is_not_waits():
    pace = paced()
    assert pace.due_at(status(generation=2, gpu="Pending"), 100.01) == 101.0
    assert pace.due_at(status(generation=2), 100.05) == 100.05


def test_a_set_point_reported_as_pending_is_still_awaited():
    pace = paced(written=status(generation=2, gpu="Pending"))
    assert pace.due_at(status(generation=2), 100.05) == 100.05


def test_limits_that_the_guard_moves_under_a_generation_that_was_done_wait_for_their_second():
    pace = paced()
    pace.written(status(gpu="Pending"), 101.0)
    assert pace.due_at(status(), 101.05) == 102.0


def test_after_another_object_its_generations_are_awaited_anew():
    pace = paced(written=status(generation=7))
    pace.lost()
    pace.written(status(generation=1, gpu="Pending"), 101.0)
    assert pace.due_at(status(generation=1), 101.05) == 101.05


def test_what_is_quiet_need_not_be_looked_at_before_its_second_is_over():
    pace = paced()
    assert pace.quiet_until(status().power_budget, 1) == 101.0
    assert pace.quiet_until(status(sequence=2).power_budget, 1) < 100.0
    assert pace.quiet_until(status().power_budget, 2) < 100.0
    assert StatusPace(PaceSettings()).quiet_until(status().power_budget, 1) < 0.0


def test_changes_are_gathered_from_the_first_one_on():
    pace = paced()
    pace.changed(119.9)
    pace.changed(120.0)
    assert pace.due_at(status(enforced=900), 120.1) == pytest.approx(120.15)


def test_other_changes_wait_for_a_second_and_for_each_other():
    assert paced().due_at(status(enforced=900), 100.1) == 101.0
    late = paced()
    assert late.due_at(status(enforced=900), 120.0) == 120.25
    assert late.due_at(status(enforced=800), 120.2) == 120.25


def test_live_figures_are_refreshed_after_half_a_minute():
    assert paced().due_at(status(draw=77), 110.0) == 130.0


def test_after_a_loss_everything_is_news():
    pace = paced()
    pace.lost()
    assert pace.due_at(status(), 100.1) == 100.1
