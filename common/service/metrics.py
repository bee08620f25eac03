"""The body of /metrics: the process's registry, and what faster renderers of our own add to it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import generate_latest

log = logging.getLogger(__name__)

# The moment a counter was made doubles the series of every counter, and nobody asks for it.
disable_created_metrics()  # type: ignore[no-untyped-call]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Renderer = Callable[[], bytes]
"""Returns metric families in the text format, each with its HELP and TYPE lines."""


def new_registry(program: str) -> CollectorRegistry:
    """Returns a registry with the process's own metrics: CPU, memory, open files, start, and its version."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    build = Gauge(
        "climatik_build_info", "Version of this program; always 1.", ["program", "version"], registry=registry
    )
    build.labels(program, program_version()).set(1)
    return registry


def program_version() -> str:
    """Returns the installed version of climatik, or ``unknown`` when it runs from a bare source tree."""
    try:
        return version("climatik")
    except PackageNotFoundError:
        return "unknown"


class MetricsPage:
    """Renders /metrics; a renderer that breaks costs its own families only, and is counted."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._renderers: list[Renderer] = []
        self._broken = Counter(
            "climatik_metrics_render_errors_total", "Renderers of /metrics that failed.", registry=registry
        )

    def add(self, render: Renderer) -> None:
        """Appends a renderer's families to the page."""
        self._renderers.append(render)

    def render(self) -> bytes:
        """Returns the whole page."""
        extra = self._extra(self._renderers)
        return generate_latest(self._registry) + extra

    def _extra(self, renderers: Sequence[Renderer]) -> bytes:
        parts: list[bytes] = []
        for render in renderers:
            try:
                parts.append(render())
            except Exception:
                self._broken.inc()
                log.exception("metrics renderer failed")
        return b"".join(part if part.endswith(b"\n") else part + b"\n" for part in parts if part)
