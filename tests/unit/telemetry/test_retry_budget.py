"""Retries are a share of the first tries."""

from common.telemetry.retry_budget import RetryBudget


def test_retries_end_when_the_savings_are_spent():
    budget = RetryBudget(share=0.1, most=2)
    assert [budget.spend() for _ in range(3)] == [True, True, False]


def test_first_tries_earn_retries():
    budget = RetryBudget(share=0.5, most=2)
    while budget.spend():
        pass
    budget.earn()
    assert not budget.spend()
    budget.earn()
    assert budget.spend()


def test_savings_are_bounded():
    budget = RetryBudget(share=1.0, most=3)
    for _ in range(100):
        budget.earn()
    assert sum(budget.spend() for _ in range(10)) == 3
