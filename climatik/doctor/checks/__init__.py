"""The checks: pure functions from what was seen to what is wrong."""

from collections.abc import Callable, Iterator

from climatik.doctor.checks import clocks, gpus, kepler, rules, targets, writers
from climatik.doctor.facts import Facts
from climatik.doctor.finding import Finding

CHECKS: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    targets.no_power_series,
    targets.targets_down,
    targets.scrape_gaps,
    targets.slow_exporters,
    clocks.clock_skew,
    kepler.no_pod_series,
    rules.zones_summed,
    rules.boards_summed,
    gpus.pod_labels_missing,
    gpus.limits_missing,
    gpus.no_persistence_mode,
    writers.two_writers,
)


def examine(facts: Facts) -> list[Finding]:
    """Returns what is wrong, errors first."""
    found = [finding for check in CHECKS for finding in check(facts)]
    return sorted(found, key=lambda finding: finding.severity)
