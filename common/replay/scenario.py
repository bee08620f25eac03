"""A row to replay: its load sized as a published one, and how many servers a controller lets it carry."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from common.replay.closed_loop import Recording, Replay, run
from common.replay.control import Controller, RowFacts
from common.replay.load import LoadShape, Trace, deal, priorities
from common.replay.outcome import SETTLE_SECONDS, Outcome, judge
from common.replay.profile import Floats, ServingProfile
from common.replay.server import A100_SERVER, Server

PUBLISHED_PEAK_SHARE = 0.79
"""Peak draw of a production row over what is provisioned for it, means of 2 s (Patel et al., ASPLOS 2024)."""
PROVISIONED_SERVERS = 40
_MOST_ROUNDS = 8
_CLOSE_ENOUGH = 0.001

Control = Callable[[RowFacts], Controller | None]


@dataclass(frozen=True)
class Scenario:
    """What is replayed, but for the size of the row.

    Attributes:
        trace: The recording that is superposed.
        profile: What serving costs.
        ramp: How the draw rises at a start.
        shape: How requests reach the servers.
        server: What each is made of.
        provisioned: The cap is what is provisioned for so many servers.
    """

    trace: Trace
    profile: ServingProfile
    ramp: Floats
    shape: LoadShape
    server: Server = A100_SERVER
    provisioned: int = PROVISIONED_SERVERS

    @cached_property
    def cap_watts(self) -> float:
        """Of the row."""
        return self.provisioned * self.server.provisioned_watts

    def replay(self, servers: int, seed: int) -> Replay:
        """Returns a row of a size with its load, which grows with it."""
        requests = deal(self.trace, self.shape, servers, seed)
        return Replay(self.server, self.profile, requests, self.ramp)

    def facts(self, servers: int) -> RowFacts:
        """Returns what a controller of a row of a size knows."""
        return RowFacts(self.server, priorities(servers), self.cap_watts)


class Seed:
    """One seed's replays of a scenario; those without limits are kept, as others are held against them.

    Args:
        scenario: What is replayed.
        seed: Of its load.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._scenario = scenario
        self._seed = seed
        self._known: dict[int, tuple[Replay, Recording]] = {}

    def free(self, servers: int) -> tuple[Replay, Recording]:
        """Returns the replay of a row of a size, and what happens without limits."""
        if servers not in self._known:
            replay = self._scenario.replay(servers, self._seed)
            self._known[servers] = replay, run(replay, None)
        return self._known[servers]

    def record(self, servers: int, control: Control) -> tuple[Recording, Controller | None]:
        """Replays a row of a size under a controller."""
        replay, free = self.free(servers)
        controller = control(self._scenario.facts(servers))
        return (run(replay, controller) if controller else free), controller

    def outcome(self, servers: int, control: Control) -> Outcome:
        """Replays a row of a size under a controller and judges it."""
        recording, _ = self.record(servers, control)
        return judge(recording, self.free(servers)[1], self._scenario.cap_watts)


def most_servers(
    outcome: Callable[[int], Outcome], least: int, most: int, *, leave_out: Collection[str] = ()
) -> int:
    """Returns the largest row that misses no objective.

    By halving: what a smaller row could not do, a larger one with more load cannot.

    Args:
        outcome: Of a row of a size.
        least: Size that is taken to miss none.
        most: No larger rows are tried.
        leave_out: Objectives that do not count.
    """
    low, high = least, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        if set(outcome(middle).missed) <= set(leave_out):
            low = middle
        else:
            high = middle
    return low


def calibrate(scenario: Scenario, seeds: Sequence[int], peak_share: float = PUBLISHED_PEAK_SHARE) -> Scenario:
    """Returns the scenario with the load at which the provisioned row peaks at a share of its cap.

    The median over the seeds is brought there, by halving.
    """
    low, high = 0.0, 2.0 * scenario.shape.requests_per_second
    chosen = scenario
    for _ in range(_MOST_ROUNDS):
        rate = (low + high) / 2.0
        chosen = replace(scenario, shape=replace(scenario.shape, requests_per_second=rate))
        share = statistics.median(peak(chosen, seed) for seed in seeds)
        if abs(share - peak_share) < _CLOSE_ENOUGH:
            break
        low, high = (rate, high) if share < peak_share else (low, rate)
    return chosen


def peak(scenario: Scenario, seed: int) -> float:
    """Returns the highest draw of the provisioned row over 2 s, as a share of its cap, without limits."""
    watts = run(scenario.replay(scenario.provisioned, seed), None).watts[SETTLE_SECONDS:]
    return float((watts[1:] + watts[:-1]).max()) / 2.0 / scenario.cap_watts
