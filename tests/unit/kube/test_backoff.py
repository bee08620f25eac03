"""Back-off grows, stays within its bounds, and is spread out."""

import random

from hypothesis import given
from hypothesis import strategies as st

from common.kube import Backoff


@given(seed=st.integers(), first=st.floats(0.01, 5), span=st.floats(1, 100), jitter=st.floats(0, 1))
def test_every_delay_is_between_first_and_maximum(
    seed: int, first: float, span: float, jitter: float
) -> None:
    backoff = Backoff(first, 2.0, first * span, jitter, random.Random(seed))
    assert all(first <= backoff.next() <= first * span for _ in range(20))


def test_delays_double_until_the_ceiling_and_stay_spread_out_there() -> None:
    backoff = Backoff(first=0.8, factor=2.0, maximum=30.0, jitter=0.5, rng=random.Random(1))
    delays = [backoff.next() for _ in range(200)]
    assert 0.8 <= delays[0] <= 1.2
    assert 1.6 <= delays[1] <= 2.4
    late = delays[20:]
    assert min(late) < 22
    assert 28 < max(late) <= 30


def test_reset_starts_again_from_the_first_delay() -> None:
    backoff = Backoff(rng=random.Random(1))
    for _ in range(9):
        backoff.next()
    backoff.reset()
    assert backoff.next() <= 0.8 * 1.5
