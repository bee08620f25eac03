"""Clocks that disagree: ages of readings are differences of clocks."""

from __future__ import annotations

from collections.abc import Iterator

from climatik.doctor.facts import Facts, Target
from climatik.doctor.finding import Finding, some
from climatik.doctor.questions import LAST_SAMPLE, LAST_SCRAPE, NODE_CLOCK, NOW, UP

SKEW_SECONDS = 5.0
"""A sixth of the shortest age limit of a source."""
BEHIND_SECONDS = 30.0
"""Of an exporter that stamps its own samples; some cache what they measured for a while."""


def clock_skew(facts: Facts) -> Iterator[Finding]:
    """This clock against Prometheus', targets' stamps against the scrapes', nodes' clocks against both."""
    skewed = [*_server(facts), *_ahead(facts), *_behind(facts), *_nodes(facts)]
    if skewed:
        yield Finding(
            "clock-skew",
            "error",
            f"clocks disagree: {some(skewed)}",
            "run NTP on the nodes; or set honor_timestamps: false on the scrape of such a target",
        )


def _server(facts: Facts) -> Iterator[str]:
    for row in facts.rows(NOW):
        if abs(row.value - facts.at) > SKEW_SECONDS:
            yield f"Prometheus is {_offset(row.value - facts.at)} this machine"


def _ahead(facts: Facts) -> Iterator[str]:
    """Such samples are seen only when their time has come: what looks new was measured minutes ago."""
    now = next((row.value for row in facts.rows(NOW)), facts.at)
    for each, newest in sorted(facts.ahead.items()):
        if newest - now > SKEW_SECONDS:
            yield f"samples of {each} are {_offset(newest - now)} Prometheus"


def _behind(facts: Facts) -> Iterator[str]:
    samples = facts.by_target(LAST_SAMPLE)
    scrapes = facts.by_target(LAST_SCRAPE)
    for each in sorted(_up(facts) & samples.keys() & scrapes.keys()):
        if scrapes[each] - samples[each] > BEHIND_SECONDS:
            yield f"samples of {each} are {_offset(samples[each] - scrapes[each])} their scrapes"


def _up(facts: Facts) -> set[Target]:
    return {each for each, value in facts.by_target(UP).items() if value}


def _nodes(facts: Facts) -> Iterator[str]:
    for each, offset in sorted(facts.by_target(NODE_CLOCK).items()):
        if abs(offset) > SKEW_SECONDS:
            yield f"the clock of {each.instance} is {_offset(offset)} Prometheus"


def _offset(seconds: float) -> str:
    return f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'}"
