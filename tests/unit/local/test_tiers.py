"""How the outcome of a test run is told."""

import pytest

from deploy.local.tiers import Outcome, exit_status

PASSED = Outcome("unit", passed=True, seconds=3)
FAILED = Outcome("types", passed=False, seconds=3)
NOT_RUN = Outcome("cluster", passed=False, seconds=0, not_run="no etcd")


@pytest.mark.parametrize(
    ("outcomes", "in_ci", "status"),
    [
        ([PASSED], False, 0),
        ([PASSED], True, 0),
        ([PASSED, FAILED], False, 1),
        ([PASSED, NOT_RUN], False, 0),
        ([PASSED, NOT_RUN], True, 3),
        ([FAILED, NOT_RUN], True, 1),
    ],
)
def test_exit_status(outcomes: list[Outcome], in_ci: bool, status: int) -> None:
    assert exit_status(outcomes, in_ci=in_ci) == status


def test_tier_that_was_not_run_says_why() -> None:
    assert str(NOT_RUN).split() == ["cluster", "NOT", "RUN:", "no", "etcd"]
