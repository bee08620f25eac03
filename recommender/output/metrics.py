"""What the recommender tells of itself, and the draw of policies and domains."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from common.api.meta import object_key
from recommender.model.draws import Draws
from recommender.output.services import ServicePage

_STEP_BUCKETS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ERROR_BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


class RecommenderMetrics:
    """Metrics of the recommender's own work."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._steps = Histogram(
            "climatik_recommender_step_seconds", "Time that a step of the cycle took.", ["step"],
            buckets=_STEP_BUCKETS, registry=registry,
        )  # fmt: skip
        self.writes = Counter(
            "climatik_recommender_writes_total", "Statuses and plans written.", ["kind"], registry=registry
        )
        self.failures = Counter(
            "climatik_recommender_failures_total", "Objects that no advice could be worked out for.",
            ["kind", "reason"], registry=registry,
        )  # fmt: skip
        self.objects = Gauge(
            "climatik_recommender_objects", "Objects that the last cycle saw.", ["kind"], registry=registry
        )
        self.telemetry_age = Gauge(
            "climatik_recommender_telemetry_age_seconds", "Time since power was last read.", registry=registry
        )
        self.nodes = Gauge(
            "climatik_recommender_nodes", "Nodes by how much of their draw is measured.", ["measured"],
            registry=registry,
        )  # fmt: skip
        self.telemetry_notes = Gauge(
            "climatik_recommender_telemetry_notes",
            "Warnings of Prometheus, clocks that are off and impossible values in the last reading.",
            registry=registry,
        )
        self.services = ServicePage()
        registry.register(self.services)
        self.checkpoint_entries = Gauge(
            "climatik_recommender_checkpoint_entries",
            "What the last checkpoint holds, and what found no room in it.", ["outcome"], registry=registry,
        )  # fmt: skip
        self.forecast_error = Histogram(
            "climatik_recommender_forecast_error_ratio",
            "Draw at the end of the horizon against its median forecast: |measured - predicted| / measured.",
            buckets=_ERROR_BUCKETS, registry=registry,
        )  # fmt: skip
        self.forecast_checked = Counter(
            "climatik_recommender_forecasts_checked_total", "Forecasts whose horizon has passed.",
            registry=registry,
        )  # fmt: skip
        self.forecast_exceeded = Counter(
            "climatik_recommender_forecasts_exceeded_total",
            "Forecasts whose upper bound (99 %) the draw exceeded within the horizon.",
            registry=registry,
        )

    def count_nodes(self, draws: Draws, nodes: int) -> None:
        """Shows how many nodes are measured whole, in part, or not at all."""
        partly = sum(draw.estimated for draw in draws.nodes.values())
        self.nodes.labels("whole").set(len(draws.nodes) - partly)
        self.nodes.labels("partly").set(partly)
        self.nodes.labels("no").set(max(0, nodes - len(draws.nodes)))

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Times a step."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._steps.labels(name).observe(time.perf_counter() - began)


@dataclass(frozen=True)
class SharedWatts:
    """Draw and cap of a policy or domain; what is None is not exported.

    ``parts`` says where a domain's draw goes, by part.
    """

    watts: float | None
    cap_watts: int | None
    expected_watts: float | None
    parts: Mapping[str, float] = field(default_factory=dict)


class PowerPage:
    """Renders one series per policy and domain; also the history that ``relativeCap`` is derived from."""

    def __init__(self) -> None:
        self.policies: dict[tuple[str, str], SharedWatts] = {}
        self.domains: dict[str, SharedWatts] = {}

    def drawn(self) -> dict[str, float | None]:
        """Returns the draw of policies by key; None where it is not measured now."""
        return {object_key(name, space): power.watts for (space, name), power in self.policies.items()}

    def render(self) -> bytes:
        """Returns the families in Prometheus' text format."""
        policies = {
            f'namespace="{namespace}",policy="{name}"': power
            for (namespace, name), power in self.policies.items()
        }
        domains = {f'domain="{name}"': power for name, power in self.domains.items()}
        lines = [*_family("policy", policies), *_family("domain", domains), *_parts(domains)]
        return ("\n".join(lines) + "\n").encode() if lines else b""


def _parts(powers: Mapping[str, SharedWatts]) -> Iterator[str]:
    yield from _gauge(
        "climatik_domain_attributed_watts",
        "Draw of the domain by whose it is; nameplate is what unmeasured nodes count with.",
        {
            f'{labels},part="{part}"': f"{watts:.1f}"
            for labels, power in powers.items()
            for part, watts in power.parts.items()
        },
    )


def _family(kind: str, powers: Mapping[str, SharedWatts]) -> Iterator[str]:
    yield from _gauge(
        f"climatik_{kind}_watts",
        f"Draw attributed to the {kind}.",
        {labels: f"{power.watts:.1f}" for labels, power in powers.items() if power.watts is not None},
    )
    yield from _gauge(
        f"climatik_{kind}_expected_watts",
        "Upper bound of the draw within the forecast horizon.",
        {
            labels: f"{power.expected_watts:.1f}"
            for labels, power in powers.items()
            if power.expected_watts is not None
        },
    )
    yield from _gauge(
        f"climatik_{kind}_cap_watts",
        f"Cap of the {kind} that holds now.",
        {labels: str(power.cap_watts) for labels, power in powers.items() if power.cap_watts is not None},
    )


def _gauge(name: str, text: str, values: Mapping[str, str]) -> Iterator[str]:
    if values:
        yield f"# HELP {name} {text}"
        yield f"# TYPE {name} gauge"
        yield from (f"{name}{{{labels}}} {value}" for labels, value in values.items())
