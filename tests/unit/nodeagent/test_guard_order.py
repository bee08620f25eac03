"""At no moment do limits, charged with all that may still hold, exceed the budget because of a raise."""

import random

import pytest

from nodeagent.guard.exposure import Exposure
from nodeagent.guard.governor import Governor
from nodeagent.guard.model import GuardDevice, charged_total, minimum_total
from nodeagent.guard.order import writes_now
from nodeagent.guard.split import SplitSettings

TICK = 0.1
SETTLE = 0.8
REST = 100


class Hardware:
    """One device whose writes land late or never; remembers its true limits."""

    def __init__(self, rng, nameplate=700):
        self.rng = rng
        self.limit = nameplate
        self.history = [(0.0, nameplate)]
        self.pending = None
        self.exposure = Exposure(nameplate, SETTLE, 0.0)
        self.demand = 0.0

    def send(self, watts, now):
        self.exposure.sent(watts)
        self.pending = (now + self.rng.choice([0.0, 0.1, 0.3]), watts, self.rng.random() > 0.1)

    def advance(self, now):
        if self.pending is None:
            self.exposure.seen(self.limit, now)
        elif now >= self.pending[0]:
            _, watts, works = self.pending
            if works:
                self.limit = watts
                self.history.append((now, watts))
            self.pending = None
            self.exposure.seen(self.limit, now)

    def true_bound(self, now):
        """The highest limit that was in force within the settle time."""
        recent = [watts for at, watts in self.history if at > now - SETTLE + 1e-9]
        before = [watts for at, watts in self.history if at <= now - SETTLE + 1e-9]
        return max([*recent, before[-1] if before else 0])


def views(parts, now):
    return [
        GuardDevice(
            id=str(number),
            floor_watts=200,
            nameplate_watts=700,
            excursion_ratio=0.02,
            limit_watts=part.limit,
            exposure_watts=part.exposure.bound_watts(now),
            demand_watts=min(part.demand, part.limit),
        )
        for number, part in enumerate(parts)
    ]


def turn(parts, governor, budget, now):
    for part in parts:
        part.advance(now)
    found = views(parts, now)
    before = charged_total(found) + REST
    limits = governor.limits(budget, REST, found, now).limits
    for write in writes_now(limits, found, budget_watts=budget, rest_watts=REST):
        part = parts[int(write.device_id)]
        if part.pending is None:
            part.send(write.watts, now)
    return before, charged_total(views(parts, now)) + REST


@pytest.mark.parametrize("seed", range(40))
def test_raises_never_exceed_the_budget_whatever_the_order_of_events(seed):
    rng = random.Random(seed)
    parts = [Hardware(rng) for _ in range(rng.randint(1, 5))]
    governor = Governor(SplitSettings(), rebalance_seconds=rng.choice([0.0, 1.0]))
    budget, steady_since = 5000, 0.0
    for step in range(600):
        now = step * TICK
        if rng.random() < 0.02:
            budget, steady_since = rng.randint(800, 4000), now
        for part in parts:
            if rng.random() < 0.05:
                part.demand = rng.choice([50.0, 300.0, 700.0])
        before, after = turn(parts, governor, budget, now)
        assert after <= max(before, budget)
        for part in parts:
            assert part.true_bound(now) <= part.exposure.bound_watts(now)
        if now - steady_since > 4.0:
            assert before <= max(budget, minimum_total(views(parts, now), ()) + REST)


def test_a_steady_noisy_load_is_not_written_again_and_again():
    rng = random.Random(3)
    parts = [Hardware(rng) for _ in range(4)]
    governor = Governor(SplitSettings(), rebalance_seconds=1.0)
    for step in range(300):
        for number, part in enumerate(parts):
            part.demand = (120.0 if number < 2 else 700.0) * rng.uniform(0.98, 1.02)
        turn(parts, governor, 1900, step * TICK)
    writes = sum(1 for part in parts for at, _ in part.history if at > 10.0)
    assert writes <= 4


def test_a_waiting_raise_is_not_given_up():
    rng = random.Random(5)
    parts = [Hardware(rng) for _ in range(2)]
    governor = Governor(SplitSettings(), rebalance_seconds=1.0)
    parts[0].demand, parts[1].demand = 700.0, 80.0
    for step in range(60):
        turn(parts, governor, 1100, step * TICK)
    assert parts[0].limit > 650
    parts[0].demand, parts[1].demand = 80.0, 700.0
    for step in range(60, 120):
        turn(parts, governor, 1100, step * TICK)
    assert parts[1].limit > 650


def test_cuts_go_without_waiting_and_raises_wait_for_what_donors_have_left():
    donor = GuardDevice("donor", 200, 700, 0.0, limit_watts=700, exposure_watts=700)
    taker = GuardDevice("taker", 200, 700, 0.0, limit_watts=300, exposure_watts=300)
    wanted = {"donor": 300, "taker": 700}
    first = writes_now(wanted, [donor, taker], budget_watts=1000, rest_watts=0)
    assert [(write.device_id, write.watts) for write in first] == [("donor", 300)]
    unsettled = GuardDevice("donor", 200, 700, 0.0, limit_watts=300, exposure_watts=700)
    assert not writes_now(wanted, [unsettled, taker], budget_watts=1000, rest_watts=0)
    settled = GuardDevice("donor", 200, 700, 0.0, limit_watts=300, exposure_watts=300)
    last = writes_now(wanted, [settled, taker], budget_watts=1000, rest_watts=0)
    assert [(write.device_id, write.watts) for write in last] == [("taker", 700)]
    assert not writes_now(wanted, [settled, taker], budget_watts=1000, rest_watts=0, may_raise=False)
