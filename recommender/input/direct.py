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
from common.telemetry.direct.scraper import Page, Scraper
from common.telemetry.direct.store import SampleStore
from common.telemetry.direct.targets import AGENT
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

    async def read(self) -> bool:
        """Reads all pages once; whether anything was heard. Never raises for what a target does."""
        targets = self._targets()
        self.problem = self._refusal(targets)
        if self.problem:
            return False
        pages = await self._scraper.read(targets.pages)
        for page in pages:
            if not page.error:
                self._take(page)
        at = self._clock.now().timestamp()
        self._store.forget((page.target.url for page in pages), at)
        self.origin = _origin(targets, pages)
        self.last = read_store(self._store, self.dialects, at, _notes(targets, pages))
        self.problem = _problem(pages, self.last)
        return not self.problem

    def _take(self, page: Page) -> None:
        dialects = _AGENTS if page.target.kind == AGENT else _EXPORTERS
        wanted = {name for dialect in dialects for name in (*dialect.reveals, *dialect.beside)}
        samples = [
            _in_our_time(one, page.skew_seconds or 0.0)
            for one in parse_page(page.text, wanted)
            if page.target.may_say(one.labels)
        ]
        self._store.put(page.target.url, page.at, samples)

    def _refusal(self, targets: Targets) -> str:
        if targets.agents > self._most_nodes:
            return (
                f"{targets.agents:,} agents are too many to be read directly (limit {self._most_nodes:,}):"
                " set --prometheus-url, or raise --direct-most-nodes"
            )
        if not targets.pages:
            return (
                "no Prometheus is configured, and no agent has reported whose page could be read instead:"
                " set --prometheus-url, or install the node agent"
            )
        return ""


def _in_our_time(sample: PageSample, skew_seconds: float) -> PageSample:
    """Returns a sample whose own stamp, if it bears one, is by this machine's clock."""
    return sample if sample.stamp is None else replace(sample, stamp=sample.stamp - skew_seconds)


def _problem(pages: Sequence[Page], reading: Reading) -> str:
    """Returns why nothing was heard, with the remedy; empty where anything was."""
    remedy = "check that the node agents run and can be reached from here, or set --prometheus-url"
    if all(page.error for page in pages):
        return f"none of {counted(len(pages), 'page')} can be read: {_failures(pages)}. {remedy}"
    if not len(reading.table):
        return f"{counted(len(pages), 'page')} hold no power series: {remedy}"
    return ""


def _origin(targets: Targets, pages: Sequence[Page]) -> str:
    exporters = len(targets.pages) - targets.agents
    read = counted(targets.agents, "agent") + (f" and {counted(exporters, 'exporter')}" if exporters else "")
    text = f"read directly from {read}; no Prometheus is configured"
    if failed := sum(bool(page.error) for page in pages):
        text += f"; {counted(failed, 'page')} cannot be read: {_failures(pages)}"
    missing = "Kepler, inference servers and the time before the start"
    if not exporters:
        missing = f"who holds which GPU (name the DCGM exporters in --dcgm-exporter-urls), {missing}"
    return f"{text}. Not known so: {missing}; set --prometheus-url for all of it"


def _failures(pages: Sequence[Page]) -> str:
    return listed((f"{page.target.name} ({page.error})" for page in pages if page.error), 3)


def _notes(targets: Targets, pages: Sequence[Page]) -> list[str]:
    notes = [
        f"the clock of {page.target.name} is {abs(page.skew_seconds):.0f} s"
        f" {'ahead' if page.skew_seconds > 0 else 'behind'}: set up NTP there"
        for page in pages
        if page.skew_seconds is not None and abs(page.skew_seconds) > MOST_SKEW_SECONDS
    ]
    if targets.unreachable:
        names = listed(targets.unreachable, 3)
        notes.append(
            f"no address is known of {names}: a node needs an InternalIP, or the annotation"
            " climatik.io/metrics-address with host:port"
        )
    return notes
