"""Pods that ended are remembered for as long as a reading may hold their watts."""

from recommender.model.departed import REMEMBER_SECONDS, Departed
from tests.unit.recommender.builders import pod_view


def test_whoever_is_gone_ended_at_the_later_look_and_is_forgotten_in_time():
    departed = Departed()
    assert departed.note([pod_view("a"), pod_view("b")], 100.0) == ()
    (gone,) = departed.note([pod_view("b")], 105.0)
    assert (gone.name, gone.ended) == ("a", 105.0)
    assert departed.note([pod_view("b")], 105.0 + REMEMBER_SECONDS) == (gone,)
    assert departed.note([pod_view("b")], 106.0 + REMEMBER_SECONDS) == ()


def test_one_of_the_same_name_that_runs_again_has_not_ended():
    departed = Departed()
    departed.note([pod_view("a")], 100.0)
    departed.note([], 105.0)
    assert departed.note([pod_view("a")], 110.0) == ()
