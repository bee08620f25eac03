"""Reads agents and exporters themselves, where there is no Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from common.clock import Clock
from common.telemetry.dialects import Dialect
from common.telemetry.dialects.climatik import ClimatikDialect
from common.telemetry.dialects.dcgm import DcgmDialect
from common.telemetry.direct.evaluate import read_store
from common.telemetry.direct.exposition import PageSample, parse_page
from common.telemetry.direct.patience import Patience
from common.telemetry.direct.scraper import Page, Scraper
from common.telemetry.direct.store import SampleStore
from common.telemetry.direct.targets import AGENT, Target
from common.telemetry.reading import Reading
from recommender.logic.targets import Targets
from recommender.logic.text import counted, listed

_AGENTS: tuple[Dialect, ...] = (ClimatikDialect(),)
_EXPORTERS: tuple[Dialect, ...] = (DcgmDialect(),)
MOST_SKEW_SECONDS = 5.0


class DirectMeter:
    """One reading at a time, from the pages of agents and exporters, with a short memory of its own.

    Attributes:
        dialects: Sources that may be read, best first.
        last: The last reading; None before the first one.
        problem: Why there is none now, with the remedy; empty after a success.
        origin: Says that and what is read directly, and what is missed by it.
    """

    def __init__(
        self, scraper: Scraper, targets: Callable[[], Targets], most_nodes: int, clock: Clock
    ) -> None:
        self.dialects: Sequence[Dialect] = (*_AGENTS, *_EXPORTERS)
        self.last: Reading | None = None
        self.problem = "power has not been read yet"
        self.origin = ""
        self._scraper = scraper
        self._targets = targets
        self._most_nodes = most_nodes
        self._clock = clock
        self._store = SampleStore()
        self._patience = Patience()
        self._skew: dict[str, float] = {}

    async def read(self) -> bool:
        """Reads all pages once; whether anything was heard. Never raises for what a target does."""
        targets = self._targets()
        self.problem = self._refusal(targets)
        if self.problem:
            return False
        for page in await self._scraper.read(self._patience.due(targets.pages, self._now())):
            self._patience.note(page)
            if not page.error:
                self._take(page)
        self._store.forget((target.key for target in targets.pages), self._now())
        self._patience.forget(targets.pages)
        expected = [target for target in targets.pages if self._patience.expects(target)]
        failed = self._patience.failures(targets.pages)
        self.origin = _origin(expected, failed, targets.agents)
        self.last = read_store(self._store, self.dialects, self._now(), self._notes(targets))
        self.problem = _problem(expected, failed, self.last)
        return not self.problem

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _take(self, page: Page) -> None:
        dialects = _AGENTS if page.target.kind == AGENT else _EXPORTERS
        wanted = {name for dialect in dialects for name in (*dialect.reveals, *dialect.beside)}
        samples = [
            _in_our_time(one, page.skew_seconds or 0.0)
            for one in parse_page(page.text, wanted)
            if page.target.may_say(one.labels)
        ]
        self._store.put(page.target.key, page.at, samples)
        self._skew[page.target.name] = page.skew_seconds or 0.0

    def _refusal(self, targets: Targets) -> str:
        if targets.agents > self._most_nodes:
            return (
                f"{targets.agents:,} nodes are too many to be read directly (limit {self._most_nodes:,}):"
                " set --prometheus-url, or raise --direct-most-nodes"
            )
        if not targets.pages:
            return (
                "no Prometheus is configured, and no node has an address at which its agent could be read"
                " instead: set --prometheus-url, or annotate the nodes with climatik.io/metrics-address"
            )
        return ""

    def _notes(self, targets: Targets) -> list[str]:
        names = {target.name for target in targets.pages}
        self._skew = {name: skew for name, skew in self._skew.items() if name in names}
        notes = [
            f"the clock of {name} is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}: set up NTP there"
            for name, skew in self._skew.items()
            if abs(skew) > MOST_SKEW_SECONDS
        ]
        if targets.unreachable:
            notes.append(
                f"no address is known of {listed(targets.unreachable, 3)}: a node needs an InternalIP, or the"
                " annotation climatik.io/metrics-address with host:port"
            )
        return notes


def _in_our_time(sample: PageSample, skew_seconds: float) -> PageSample:
    """Returns a sample whose own stamp, if it bears one, is by this machine's clock."""
    return sample if sample.stamp is None else replace(sample, stamp=sample.stamp - skew_seconds)


def _problem(expected: Sequence[Target], failed: Sequence[Page], reading: Reading) -> str:
    """Returns why nothing was heard, with the remedy; empty where anything was."""
    remedy = "check that the node agents run and can be reached from here, or set --prometheus-url"
    if not expected:
        return f"no Prometheus is configured, and no node agent answers: {remedy}"
    if len(failed) == len(expected):
        return f"none of {counted(len(expected), 'page')} can be read: {_failures(failed)}. {remedy}"
    if not len(reading.table):
        return f"{counted(len(expected), 'page')} hold no power series: {remedy}"
    return ""


def _origin(expected: Sequence[Target], failed: Sequence[Page], nodes: int) -> str:
    agents = sum(target.kind == AGENT for target in expected)
    exporters = len(expected) - agents
    read = counted(agents, "agent") + (f" and {counted(exporters, 'exporter')}" if exporters else "")
    text = f"read directly from {read}; no Prometheus is configured"
    if failed:
        text += f"; {counted(len(failed), 'page')} cannot be read: {_failures(failed)}"
    if agents < nodes:
        text += f"; {counted(nodes - agents, 'node')} without an agent that answers"
    missing = "Kepler, inference servers and the time before the start"
    if not exporters:
        missing = f"who holds which GPU (name the DCGM exporters in --dcgm-exporter-urls), {missing}"
    return f"{text}. Not known so: {missing}; set --prometheus-url for all of it"


def _failures(pages: Sequence[Page]) -> str:
    return listed((f"{page.target.name} ({page.error})" for page in pages), 3)
