"""Energy per token and per request of every service, as metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from recommender.model.efficiency import Service, Spent

_LABELS = ("namespace", "workload", "model")


class ServicePage(Collector):
    """Shows the figures that it was given last, all of them from one reading.

    Attributes:
        figures: By service; replaced as a whole.
    """

    def __init__(self) -> None:
        self.figures: Mapping[Service, Spent] = {}

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yields both families; services that have done hardly anything lately are absent."""
        figures = self.figures
        yield _family(
            "climatik_service_joules_per_token",
            "Energy of a service's pods per generated token, over the last minutes.",
            figures, lambda spent: spent.joules_per_token,
        )  # fmt: skip
        yield _family(
            "climatik_service_joules_per_request",
            "Energy of a service's pods per finished request, over the last minutes.",
            figures, lambda spent: spent.joules_per_request,
        )  # fmt: skip


def _family(
    name: str, text: str, figures: Mapping[Service, Spent], value: Callable[[Spent], float | None]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=_LABELS)
    for service, spent in figures.items():
        if (joules := value(spent)) is not None:
            family.add_metric(service, joules)
    return family
