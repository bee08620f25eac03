"""Actions that freed next to nothing are not repeated for a while."""

from __future__ import annotations

import pytest

from actuator.ladder.feedback import no_effect
from common.api.decisions import TAKEN, Decision
from common.api.meta import rfc3339

from .builders import after


def taken(at: float, expected: int, achieved: int | None) -> Decision:
    return Decision(
        key=f"k{at}", at=rfc3339(after(at)), subject="policy/llm/cap", rung="EVICT", verdict=TAKEN,
        reason="Evicted", expected_watts=expected, achieved_watts=achieved,
    )  # fmt: skip


CASES = {
    "too few to judge": ([taken(0, 100, 0), taken(1, 100, 0)], 10, False),
    "three in vain": ([taken(0, 100, 0), taken(1, 100, 10), taken(2, 100, 0)], 10, True),
    "three that rose": ([taken(0, 100, -50), taken(1, 100, -20), taken(2, 100, 0)], 10, True),
    "a quarter is something": ([taken(0, 100, 0), taken(1, 100, 75), taken(2, 100, 0)], 10, False),
    "one has yet to be measured": ([taken(0, 100, 0), taken(1, 100, 0), taken(2, 100, None)], 10, False),
    "long ago": ([taken(0, 100, 0), taken(1, 100, 0), taken(2, 100, 0)], 700, False),
    "only the last three count": (
        [*(taken(n, 100, 0) for n in range(3)), *(taken(n, 100, 90) for n in range(3, 6))], 10, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_verdict(name: str) -> None:
    decisions, at, refused = CASES[name]
    assert (no_effect(decisions, after(at)) is not None) is refused
