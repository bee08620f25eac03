"""Exporters that are absent, down, late or patchy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median

from climatik.doctor.facts import Facts
from climatik.doctor.finding import Finding, some
from climatik.doctor.questions import CHANGES, MEASURING, PRESENT, UP, WINDOW_SECONDS

SLOW_SECONDS = 20.0
"""Prometheus' usual 15 s with some play; a cap that is cut has to show in readings soon."""
_GAP_FACTOR = 2.5
_LEAST_CHANGES = 5
"""A board that draws the same all the time tells nothing about how often it is read."""
_MEASURES_POWER = re.compile(r"dcgm|kepler|climatik|node-?agent|vllm", re.IGNORECASE)


def no_power_series(facts: Facts) -> Iterator[Finding]:
    """Nothing that any dialect understands."""
    if not facts.rows(PRESENT) and not facts.ahead:
        yield Finding(
            "no-power-series",
            "error",
            "Prometheus has no power series of any known source",
            "scrape the node agents, the DCGM exporter or Kepler",
        )


def targets_down(facts: Facts) -> Iterator[Finding]:
    """Targets that measured within the last hour, or are named as if they did, and cannot be scraped."""
    measuring = facts.by_target(MEASURING)
    down = sorted(
        str(each)
        for each, up in facts.by_target(UP).items()
        if not up and (each in measuring or _MEASURES_POWER.search(each.job))
    )
    if down:
        yield Finding(
            "target-down",
            "error",
            f"{len(down)} targets that measure cannot be scraped: {some(down)}",
            "look at the exporter's pod, at its port, and at network policies between Prometheus and it",
        )


def scrape_gaps(facts: Facts) -> Iterator[Finding]:
    """Samples that lie much further apart than the target's others do."""
    gaps = {}
    for each, seconds in facts.spacing.items():
        if len(seconds) > 2:
            usual, longest = median(seconds), max(seconds)
            if longest > max(_GAP_FACTOR * usual, usual + SLOW_SECONDS):
                gaps[str(each)] = f"{longest:.0f} s without a sample where {usual:.0f} s is usual"
    if gaps:
        first = min(gaps)
        yield Finding(
            "scrape-gaps",
            "warning",
            f"{len(gaps)} targets have gaps ({first}: {gaps[first]})",
            "look at scrape_duration_seconds against the scrape timeout, and at restarts of either side",
        )


def slow_exporters(facts: Facts) -> Iterator[Finding]:
    """Targets that are scraped seldom, or whose values change more seldom than they are scraped."""
    changes = facts.by_target(CHANGES)
    slow = {}
    for each, seconds in facts.spacing.items():
        if not seconds:
            continue
        scraped = median(seconds)
        changed = (
            min(sum(seconds), WINDOW_SECONDS) / changes[each]
            if changes.get(each, 0) >= _LEAST_CHANGES
            else 0.0
        )
        if max(scraped, changed) > SLOW_SECONDS:
            slow[str(each)] = max(scraped, changed)
    if slow:
        names = [f"{name} every {seconds:.0f} s" for name, seconds in sorted(slow.items())]
        yield Finding(
            "slow-exporter",
            "warning",
            f"{len(slow)} targets give values too seldom for control: {some(names)}",
            "scrape power each 5 s or less, and lower the exporter's own interval: DCGM exporter"
            " --collect-interval=1000 (30000 ms by default), Kepler monitor.interval",
        )
