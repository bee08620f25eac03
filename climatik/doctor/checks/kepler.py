"""Kepler that measures nodes but not pods."""

from __future__ import annotations

from collections.abc import Iterator

from climatik.doctor.facts import Facts, target
from climatik.doctor.finding import Finding, some
from climatik.doctor.questions import KEPLER_NODES, KEPLER_PODS


def no_pod_series(facts: Facts) -> Iterator[Finding]:
    """Targets with series of nodes and none of pods; every node runs some pod, if only Kepler's own."""
    with_pods = facts.by_target(KEPLER_PODS)
    blind = sorted(
        {
            row.labels.get("node_name") or str(target(row.labels))
            for row in facts.rows(KEPLER_NODES)
            if target(row.labels) not in with_pods
        }
    )
    if blind:
        yield Finding(
            "kepler-without-pods",
            "error",
            f"Kepler measures {len(blind)} nodes but none of their pods: {some(blind)}",
            "set kube.enabled: true (it is off by default) and kube.nodeName in Kepler's configuration, and"
            " let its account list pods",
        )
