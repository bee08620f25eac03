"""Which labels tell how a sample was fetched, rather than what it is about."""

from __future__ import annotations

from typing import TypeAlias

from common.telemetry.columns import Labels

OwnLabels: TypeAlias = frozenset[tuple[str, str]]

_OF_THE_SCRAPE = frozenset({
    "__name__", "job", "instance", "endpoint", "service", "pod", "namespace", "container",
    "prometheus", "prometheus_replica", "replica",
})  # fmt: skip


def own_labels(labels: Labels) -> OwnLabels:
    """Returns what an exporter itself says of a sample: equal for one exporter that two jobs scrape.

    Pods are left out, which either may have named; compare them besides.
    """
    return frozenset(item for item in labels.items() if item[0] not in _OF_THE_SCRAPE)
