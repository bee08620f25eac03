"""What was learned of the rest outlives the agent, but neither a boot nor other devices."""

import pytest

from nodeagent.guard.restlearning import LearnedRest, LearningSettings
from nodeagent.state.knowledge import RestKnowledge

DEVICES = ["GPU-0", "GPU-1"]


@pytest.fixture
def learned():
    found = LearnedRest(LearningSettings(enough_seconds=30.0))
    for second in range(40):
        found.add(1000.0, 3000.0, float(second))
    return found


def knowledge(directory, boot_id="b1", devices=DEVICES):
    return RestKnowledge(directory, boot_id, devices)


def test_the_next_agent_knows_what_this_one_learned(tmp_path, learned):
    knowledge(tmp_path).keep(learned, 40.0)
    again = LearnedRest(learned.settings, knowledge(tmp_path).load(50.0))
    assert again.is_enough
    assert again.model(2000) == learned.model(2000)


@pytest.mark.parametrize(
    ("boot_id", "devices", "now"),
    [("b2", DEVICES, 50.0), ("b1", ["GPU-0"], 50.0), ("b1", DEVICES, -1.0)],
    ids=["another boot", "other devices", "a clock that began anew"],
)
def test_what_is_about_something_else_does_not_count(tmp_path, learned, boot_id, devices, now):
    knowledge(tmp_path).keep(learned, 40.0)
    assert knowledge(tmp_path, boot_id, devices).load(now) == []


@pytest.mark.parametrize("content", ["", "{", '{"version": 1}', "[]", '{"slices": [{"watts": "x"}]}'])
def test_what_cannot_be_read_is_learned_anew(tmp_path, content):
    (tmp_path / "rest.json").write_text(content)
    assert knowledge(tmp_path).load(50.0) == []


def test_it_is_saved_now_and_then(tmp_path, learned):
    keeper = knowledge(tmp_path)
    keeper.keep(learned, 40.0)
    learned.add(1900.0, 3000.0, 41.0)
    keeper.keep(learned, 41.0)
    assert max(s.rest_watts for s in knowledge(tmp_path).load(50.0)) == 1000.0
    keeper.keep(learned, 71.0)
    assert max(s.rest_watts for s in knowledge(tmp_path).load(80.0)) == 1900.0


def test_a_full_disk_costs_a_new_start_only(tmp_path, learned):
    knowledge(tmp_path / "gone").keep(learned, 40.0)
    assert knowledge(tmp_path / "gone").load(50.0) == []


def test_what_is_known_beside_lower_draws_survives_and_counts_once_the_draw_was_watched_again(tmp_path):
    settings = LearningSettings(recover_seconds=300.0, settled_seconds=60.0)
    learned = LearnedRest(settings)
    for second in range(0, 2000, 2):
        high = second < 1000
        learned.add(1900.0 if high else 1100.0, 8000.0 if high else 4000.0, float(second))
    low = learned.model(3000).bound_watts(4000)
    assert low < learned.model(3000).bound_watts(8000)
    knowledge(tmp_path).keep(learned, 2000.0)
    again = LearnedRest(settings, knowledge(tmp_path).load(2010.0))
    assert again.slices == learned.slices
    assert again.model(3000).bound_watts(4000) == learned.model(3000).bound_watts(8000)
    for second in range(2010, 2072, 2):
        again.add(1100.0, 4000.0, float(second))
    assert again.model(3000).bound_watts(4000) == low
