"""Answers outlive failures, sources are not pestered, and the next in order steps in."""

from datetime import UTC, datetime, timedelta

import pytest

from common.grid.cache import CachedSource, CacheSettings
from common.grid.errors import GridRefusedError, GridUnavailableError
from common.grid.fallback import GridFeed
from common.grid.series import GridPoint, GridSeries, Signal
from tests.fakes.clock import FakeClock

START = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = CacheSettings(
    refresh_seconds=900, stale_seconds=7200, first_pause_seconds=30, most_pause_seconds=1800
)


class Source:
    """Answers with ever higher values, or raises what it was told to."""

    def __init__(self, name="first", hours=48, signal=Signal.PRICE):
        self.name, self.hours, self.signal = name, hours, signal
        self.fetches = 0
        self.error = None

    async def fetch(self):
        self.fetches += 1
        if self.error:
            raise self.error
        points = tuple(
            GridPoint(START + timedelta(hours=hour), 3600, float(self.fetches)) for hour in range(self.hours)
        )
        return GridSeries(self.signal, "EUR/MWh", "DE", self.name, points)


@pytest.fixture
def clock():
    return FakeClock(START)


async def test_a_young_answer_is_not_asked_for_again(clock):
    source = Source()
    cached = CachedSource(source, SETTINGS, clock)
    for _ in range(5):
        await cached.read()
        clock.advance(100)
    assert source.fetches == 1
    clock.advance(500)
    assert (await cached.read()).series.at(clock.now()) == 2


async def test_after_failures_the_last_answer_is_given_with_the_problem_until_it_is_stale(clock):
    source = Source()
    cached = CachedSource(source, SETTINGS, clock)
    await cached.read()
    source.error = GridUnavailableError("down")
    clock.advance(1000)
    reading = await cached.read()
    assert (reading.stale, reading.problem, reading.age_seconds) == (False, "down", 1000)
    clock.advance(6300)
    assert (await cached.read()).stale


async def test_pauses_double_after_failures_and_end_with_success(clock):
    source = Source()
    source.error = GridUnavailableError("down")
    cached = CachedSource(source, SETTINGS, clock)
    asked = []
    for second in range(0, 300, 10):
        before = source.fetches
        with pytest.raises(GridUnavailableError):
            await cached.read()
        if source.fetches > before:
            asked.append(second)
        clock.advance(10)
    assert asked == [0, 30, 90, 210]
    source.error = None
    clock.advance(200)
    assert not (await cached.read()).problem


@pytest.mark.parametrize(
    ("error", "pause"),
    [(GridUnavailableError("slow down", 300), 300), (GridRefusedError("bad token"), 1800)],
    ids=["as long as the service asks", "long after a refusal"],
)
async def test_how_long_a_source_is_left_alone(clock, error, pause):
    source = Source()
    source.error = error
    cached = CachedSource(source, SETTINGS, clock)
    for wait in (0, pause - 1):
        clock.advance(wait)
        with pytest.raises(type(error)):
            await cached.read()
        assert source.fetches == 1
    clock.advance(1)
    with pytest.raises(type(error)):
        await cached.read()
    assert source.fetches == 2


async def test_an_answer_that_ends_before_now_is_stale_however_young(clock):
    clock.advance(3 * 3600)
    reading = await CachedSource(Source(hours=2), SETTINGS, clock).read()
    assert reading.stale
    assert reading.age_seconds == 0


def feed(clock, *sources):
    return GridFeed([CachedSource(source, SETTINGS, clock) for source in sources])


async def test_the_second_is_not_asked_while_the_first_is_fresh(clock):
    first, second = Source("first"), Source("second")
    assert (await feed(clock, first, second).read()).series.source == "first"
    assert second.fetches == 0


@pytest.mark.parametrize("failure", ["error", "stale"])
async def test_the_next_in_order_steps_in_and_the_first_comes_back(clock, failure):
    first, second = Source("first"), Source("second")
    both = feed(clock, first, second)
    clock.advance(3600)
    if failure == "error":
        first.error = GridUnavailableError("down")
    else:
        first.hours = 1
    assert (await both.read()).series.source == "second"
    first.error, first.hours = None, 48
    clock.advance(900)
    assert (await both.read()).series.source == "first"


async def test_where_all_are_stale_the_youngest_is_given_and_marked(clock):
    first, second = Source("first", hours=1), Source("second", hours=1)
    both = feed(clock, first, second)
    clock.advance(1800)
    await both.read()
    clock.advance(2000)
    first.error = GridUnavailableError("down")
    reading = await both.read()
    assert (reading.series.source, reading.stale) == ("second", True)


async def test_where_none_ever_answered_every_reason_is_told(clock):
    first, second = Source("first"), Source("second")
    first.error, second.error = GridUnavailableError("down"), GridRefusedError("bad zone")
    with pytest.raises(GridUnavailableError, match="first: down; second: bad zone"):
        await feed(clock, first, second).read()


def test_a_feed_refuses_mixed_signals_and_no_source(clock):
    with pytest.raises(ValueError, match="same signal"):
        feed(clock, Source(), Source(signal=Signal.CARBON_INTENSITY))
    with pytest.raises(ValueError, match="at least one"):
        GridFeed([])
