"""Whatever the order of reads, watches, crashes and silences: the agent never takes more than it may."""

import random

import pytest

from nodeagent.obedience.machine import Obedience
from nodeagent.obedience.verdict import Course
from tests.unit.nodeagent.grants import at, budget, domain, domains, frequencies


class Cluster:
    """The true history of one node's object; watches lag, reads do not."""

    def __init__(self, rng):
        self.rng = rng
        self.history = [frequencies(budget(1, 2500))]
        self.watched = 0
        self.beat_at = 0.0
        self.cap = 10_000

    @property
    def newest(self):
        return self.history[-1]

    def write(self):
        last = self.newest.spec.power_budget
        self.history.append(frequencies(budget(last.sequence + 1, self.rng.randint(2000, 5000))))

    def next_watched(self):
        """Watches show every version in order, late; a reconnect to a lagging server goes back."""
        if self.rng.random() < 0.1:
            self.watched = self.rng.randint(0, self.watched)
        else:
            self.watched = min(self.watched + 1, len(self.history) - 1)
        return self.history[self.watched]

    def domains(self, now):
        # The heartbeat is written with the same clock that ages it.
        return domains(domain(cap=self.cap, age=-self.beat_at))


class World:
    def __init__(self, seed, *, keeps_disk=True):
        self.rng = random.Random(seed)
        self.keeps_disk = keeps_disk
        self.cluster = Cluster(self.rng)
        self.now = 0.0
        self.seen_cap = 10_000
        self.known = None
        self.memory = None
        self.start()

    def start(self):
        self.agent = Obedience(self.memory if self.keeps_disk else None, ramp_seconds=5.0)
        self.known = None

    def event(self):
        rng, cluster = self.rng, self.cluster
        self.now += rng.choice([0.0, 0.1, 1.0, 30.0])
        match rng.choice(["write", "watch", "read", "crash", "beat", "silence", "domains", "cap"]):
            case "write":
                cluster.write()
            case "watch":
                self.agent.see(cluster.next_watched(), consistent=False)
            case "read":
                self.agent.see(cluster.newest, consistent=True)
            case "crash":
                self.start()
            case "beat":
                cluster.beat_at = self.now
            case "silence":
                self.now += rng.choice([100.0, 700.0])
            case "domains":
                self.known = cluster.domains(self.now)
            case "cap":
                cluster.cap = rng.choice([4000, 7000, 10_000])
        verdict = self.agent.decide(self.known, at(self.now), "b1")
        self.memory = self.agent.memory
        return verdict


@pytest.mark.parametrize("keeps_disk", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_never_above_what_was_confirmed_or_is_still_granted(seed, keeps_disk):
    world = World(seed, keeps_disk=keeps_disk)
    confirmed = 0
    for _ in range(400):
        verdict = world.event()
        grants = {item.spec.power_budget.sequence: item.spec.power_budget for item in world.cluster.history}
        if verdict.budget_watts is not None:
            # The ledger frees watts of older sequences once a newer one is confirmed.
            allowed = max(grants[s].grant_watts for s in grants if s >= max(confirmed, 1))
            assert verdict.budget_watts <= allowed
        if verdict.claim is not None:
            assert verdict.claim.sequence >= confirmed
            assert verdict.budget_watts <= grants[verdict.claim.sequence].grant_watts
            confirmed = verdict.claim.sequence


@pytest.mark.parametrize("seed", range(60))
def test_over_base_only_under_a_living_lease_and_within_the_scaled_grant(seed):
    world = World(seed + 1000)
    for _ in range(400):
        verdict = world.event()
        if verdict.course is Course.OBEY and verdict.budget_watts > 2000:
            cap = world.known["row-1"].spec.cap_watts
            grant = world.memory.budget.grant_watts
            assert verdict.budget_watts <= 2000 + (grant - 2000) * max(min((cap - 4000) / 6000, 1), 0)
        silent = world.now - world.cluster.beat_at
        if silent >= 600 and verdict.budget_watts is not None and world.memory is not None:
            assert verdict.budget_watts <= world.memory.base_watts
