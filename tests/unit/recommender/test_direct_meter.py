"""The meter that reads pages itself: what it reads, what it says of how it reads, what it refuses."""

from datetime import timedelta

from common.telemetry.direct.scraper import Page
from common.telemetry.direct.targets import AGENT, EXPORTER, Target
from common.telemetry.freshness import Freshness
from recommender.input.direct import DirectMeter
from recommender.logic.targets import Targets
from tests.unit.recommender.builders import NOW

A, B = Target("http://a", AGENT, "a"), Target("http://b", AGENT, "b")
DCGM = Target("http://dcgm", EXPORTER)
PAGES = {
    A: (
        'climatik_node_watts{node="a"} 500\nclimatik_node_watts{node="b"} 9000\n'
        'DCGM_FI_DEV_POWER_USAGE{UUID="X"} 1\n'
    ),
    B: 'climatik_node_watts{node="b"} 700\n',
    DCGM: 'DCGM_FI_DEV_POWER_USAGE{UUID="G",Hostname="a"} 300\nclimatik_node_watts{node="a"} 1\n',
}


class Bench:
    """A clock that the test moves, pages that it serves, and the meter over them."""

    def __init__(self, *targets, most=10, unreachable=()):
        self.at, self.pages, self.skew = NOW, dict(PAGES), 0.0
        self.targets = Targets(targets, unreachable)
        self.meter = DirectMeter(self, lambda: self.targets, most, self)

    def now(self):
        return self.at

    def monotonic(self):
        return self.at.timestamp()

    async def read(self, targets):
        return [self._page(target) for target in targets]

    def _page(self, target):
        at, text = self.at.timestamp(), self.pages.get(target)
        return Page(target, at, error="no answer") if text is None else Page(target, at, text, self.skew)

    async def after(self, seconds):
        self.at += timedelta(seconds=seconds)
        return await self.meter.read()

    def watts(self):
        table = self.meter.last.table
        rows = zip(
            table.scope,
            table.node,
            table.device,
            table.watts.tolist(),
            table.age_seconds.tolist(),
            strict=True,
        )
        return {(scope, node or device): (watts, age) for scope, node, device, watts, age in rows}


async def test_agents_speak_of_their_node_alone_and_exporters_of_boards_alone():
    bench = Bench(A, B, DCGM)
    assert await bench.meter.read()
    assert bench.watts() == {
        ("node", "a"): (500.0, 0.0),
        ("node", "b"): (700.0, 0.0),
        ("gpu", "a"): (300.0, 0.0),
    }
    assert "read directly from 2 agents and 1 exporter; no Prometheus is configured." in bench.meter.origin
    assert bench.meter.problem == ""


async def test_the_values_of_an_agent_that_fails_grow_old_and_it_is_named():
    bench = Bench(A, B)
    await bench.meter.read()
    del bench.pages[B]
    assert await bench.after(20)
    assert bench.watts() == {("node", "a"): (500.0, 0.0), ("node", "b"): (700.0, 20.0)}
    assert "1 page cannot be read: b (no answer)" in bench.meter.origin
    await bench.after(20)
    freshness = Freshness(bench.meter.dialects)
    fresh = freshness.fresh(bench.meter.last, bench.at.timestamp())
    (silence,) = freshness.silences(bench.at.timestamp(), ["a", "b"])
    assert list(fresh.node) == ["a"]
    assert (silence.source, silence.node, silence.age_seconds) == ("climatik", "b", 40.0)


async def test_without_any_answer_there_is_a_problem_with_its_remedy():
    bench = Bench(A)
    bench.pages.clear()
    assert not await bench.meter.read()
    assert bench.meter.problem.startswith(
        "none of 1 page can be read: a (no answer). check that the node agents"
    )
    assert "set --prometheus-url" in bench.meter.problem


async def test_pages_without_power_are_a_problem():
    bench = Bench(A)
    bench.pages[A] = "up 1\n"
    assert not await bench.meter.read()
    assert "1 page hold no power series" in bench.meter.problem


async def test_more_nodes_than_the_limit_are_refused_whole():
    bench = Bench(A, B, most=1)
    assert not await bench.meter.read()
    assert "2 nodes are too many to be read directly (limit 1)" in bench.meter.problem
    assert bench.meter.last is None


async def test_nodes_without_an_agent_are_counted_and_are_no_problem():
    stranger = Target("http://c", AGENT, "c", expected=False)
    bench = Bench(A, stranger)
    assert await bench.meter.read()
    assert "read directly from 1 agent; " in bench.meter.origin
    assert "1 node without an agent that answers" in bench.meter.origin


async def test_a_clock_that_is_off_is_named_and_stamps_are_put_right():
    bench = Bench(A)
    bench.skew = 90.0
    stamp = int((bench.at.timestamp() + 90.0 - 4.0) * 1000)
    bench.pages[A] = f'climatik_node_watts{{node="a"}} 500 {stamp}\n'
    await bench.meter.read()
    assert bench.watts()["node", "a"][1] == 4.0
    assert bench.meter.last.notes == ("the clock of a is 90 s ahead: set up NTP there",)


async def test_a_node_whose_address_is_not_known_is_named():
    bench = Bench(A, unreachable=("lost",))
    await bench.meter.read()
    assert "no address is known of lost" in bench.meter.last.notes[0]


async def test_nodes_that_were_told_the_same_address_by_mistake_are_told_apart():
    twin = Target(A.url, AGENT, "b")
    bench = Bench(A, twin)
    bench.pages[twin] = PAGES[A]
    await bench.meter.read()
    assert bench.watts() == {("node", "a"): (500.0, 0.0), ("node", "b"): (9000.0, 0.0)}
    bench.pages.clear()
    await bench.after(20)
    assert "2 pages cannot be read: a (no answer), b (no answer)" in bench.meter.origin
