"""What can be set about the gate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class GateSettings:
    """Frozen settings of the gate.

    Attributes:
        advice_age: The oldest advice (and node or domain report) that is acted on.
        warm_up: How long a new leader only watches.
        probe_age: The oldest answer of the webhook that counts as recent.
        pod_age: Younger pods are still starting: what they draw says nothing yet.
        window: The length of the window that disruptions are counted in.
        cluster_disruptions: The most in any such window, in all.
        domain_disruptions: The most in any such window, per power domain.
        workload_disruptions: The most in any such window, per workload.
        unreserved: Whether pods without reserved watts may be evicted.
    """

    advice_age: timedelta = timedelta(seconds=150)
    warm_up: timedelta = timedelta(seconds=30)
    probe_age: timedelta = timedelta(seconds=15)
    pod_age: timedelta = timedelta(seconds=300)
    window: timedelta = timedelta(seconds=600)
    cluster_disruptions: int = 20
    domain_disruptions: int = 10
    workload_disruptions: int = 2
    unreserved: bool = False
