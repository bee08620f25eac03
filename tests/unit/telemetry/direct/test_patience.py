"""Pages that cannot be read are tried again, those that may not exist more and more rarely."""

import itertools

from common.telemetry.direct.patience import LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_UNEXPECTED_SECONDS, Patience
from common.telemetry.direct.scraper import Page
from common.telemetry.direct.targets import AGENT, Target

KNOWN = Target("http://a/metrics", AGENT, "a")
TRIED = Target("http://b/metrics", AGENT, "b", expected=False)


def tries(target, seconds, *, answer_until=-1.0):
    """When a target is tried within some seconds, looked at every second."""
    patience, found = Patience(), []
    for at in map(float, range(seconds)):
        if patience.due([target], at):
            found.append(at)
            patience.note(Page(target, at, error="" if at <= answer_until else "no answer"))
    return patience, found


def test_a_page_that_answers_is_read_each_time():
    _, found = tries(KNOWN, 20, answer_until=20)
    assert len(found) == 20


def test_a_page_that_should_answer_is_tried_at_least_each_ten_seconds():
    _, found = tries(KNOWN, 120)
    assert max(later - before for before, later in itertools.pairwise(found)) == LONGEST_PAUSE_SECONDS


def test_a_node_that_may_have_no_agent_is_tried_ever_more_rarely_and_is_no_failure():
    patience, found = tries(TRIED, 600)
    gaps = [later - before for before, later in itertools.pairwise(found)]
    assert gaps == sorted(gaps)
    assert gaps[-1] == LONGEST_PAUSE_UNEXPECTED_SECONDS
    assert not patience.failures([TRIED])


def test_once_it_has_answered_its_silence_is_a_failure():
    patience, found = tries(TRIED, 60, answer_until=5)
    assert [page.target for page in patience.failures([TRIED])] == [TRIED]
    assert found[-1] > 45, "and it is tried as often as others that should answer"


def test_an_answer_ends_the_failure():
    patience, _ = tries(KNOWN, 30)
    patience.note(Page(KNOWN, 30.0, "page"))
    assert patience.due([KNOWN], 30.0) == [KNOWN]
    assert not patience.failures([KNOWN])


def test_a_clock_that_was_set_back_keeps_nobody_waiting():
    patience = Patience()
    patience.note(Page(KNOWN, 5000.0, error="no answer"))
    assert patience.due([KNOWN], 1000.0) == [KNOWN]


def test_who_is_no_target_any_more_is_forgotten():
    patience = Patience()
    patience.note(Page(TRIED, 0.0, "page"))
    patience.forget([KNOWN])
    assert not patience.expects(TRIED)
