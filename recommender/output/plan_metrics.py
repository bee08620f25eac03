"""The plan in force as metrics, worked out when it is scraped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client.core import GaugeMetricFamily

from recommender.planner.plan import Row
from recommender.planner.service_state import ServiceKey
from recommender.planner.worth import tokens_per_watt


class PlanCollector:
    """Shows the rows of the last plan.

    Args:
        rows: Asked at each scrape.
    """

    def __init__(self, rows: Callable[[], Mapping[ServiceKey, Row]]) -> None:
        self._rows = rows

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Returns planned and present replicas, and what one more watt would be worth."""
        replicas = GaugeMetricFamily(
            "climatik_planner_replicas", "Replicas of a Deployment: planned, and as its spec says.",
            labels=["namespace", "deployment", "state"],
        )  # fmt: skip
        worth = GaugeMetricFamily(
            "climatik_planner_marginal_watt_value",
            "Tokens per second that one more watt would serve there; 0 where all load is served.",
            labels=["namespace", "deployment"],
        )
        for key, row in self._rows().items():
            replicas.add_metric([*key, "planned"], row.replicas)
            replicas.add_metric([*key, "present"], row.service.replicas)
            worth.add_metric([*key], tokens_per_watt(row))
        return [replicas, worth]
