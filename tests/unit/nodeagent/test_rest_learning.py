"""The learned rest rises with any higher reading at once, and forgets only what left the window."""

from hypothesis import given
from hypothesis import strategies as st

from nodeagent.guard.restlearning import LearnedRest, LearningSettings

SETTINGS = LearningSettings(enough_seconds=30.0, window_seconds=3600.0, margin_ratio=0.05)
HIGHEST = 2000


def watched(seconds, rest=1000.0, devices=3000.0, since=0.0, learned=None):
    found = learned or LearnedRest(SETTINGS)
    for second in range(int(seconds) + 1):
        found.add(rest, devices, since + second)
    return found


def test_it_is_not_enough_before_it_was_watched_for_long_enough():
    assert not watched(29).is_enough
    assert watched(31).is_enough


def test_the_bound_is_the_highest_seen_and_a_margin_in_whole_steps():
    model = watched(40, rest=1001.0).model(HIGHEST)
    assert (model.seen_watts, model.device_watts) == (1060, 3000)


def test_a_higher_reading_counts_at_once():
    learned = watched(40)
    learned.add(1500.0, 3000.0, 41.0)
    assert learned.model(HIGHEST).seen_watts == 1580


def test_a_lower_draw_takes_nothing_away_before_the_high_one_left_the_window():
    learned = watched(40, rest=1500.0)
    watched(3400, rest=1000.0, since=41.0, learned=learned)
    assert learned.model(HIGHEST).seen_watts == 1580
    watched(300, rest=1000.0, since=3441.0, learned=learned)
    assert learned.model(HIGHEST).seen_watts == 1050


def test_a_draw_of_devices_that_did_not_last_is_not_taken_for_seen():
    learned = watched(40)
    for second in range(41, 46):
        learned.add(1000.0, 6000.0, float(second))
    watched(20, since=46.0, learned=learned)
    assert learned.model(HIGHEST).device_watts == 3000


def test_nothing_lasted_over_a_gap():
    learned = LearnedRest(SETTINGS)
    learned.add(1000.0, 6000.0, 0.0)
    learned.add(1000.0, 6000.0, 30.0)
    assert learned.model(HIGHEST).device_watts == 0
    assert not learned.is_enough


def test_after_a_long_silence_it_is_not_enough_any_more():
    learned = watched(40)
    learned.add(1000.0, 3000.0, 5000.0)
    assert not learned.is_enough


READINGS = st.lists(st.tuples(st.floats(1, 1900), st.floats(0, 8000), st.floats(0.1, 900)), max_size=60)


@given(readings=READINGS)
def test_it_is_never_below_what_was_seen_in_the_window(readings):
    learned, now, seen = LearnedRest(SETTINGS), 0.0, []
    for rest, devices, pause in readings:
        now += pause
        learned.add(rest, devices, now)
        seen.append((now, rest))
        # A slice leaves as a whole, and no reading of it before it is as old as the window less one slice.
        kept = SETTINGS.window_seconds - SETTINGS.slice_seconds
        highest = max(watts for at, watts in seen if at > now - kept)
        assert learned.model(HIGHEST).seen_watts >= min(highest, HIGHEST)
