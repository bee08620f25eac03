"""The agent's metrics, made once a second from energy counters and rendered without a registry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from nodeagent.devices.device import KIND_GPU
from nodeagent.guard.restbound import RestSource
from nodeagent.report.energy import EnergyMeter
from nodeagent.report.histogram import GUARD_BUCKETS_SECONDS, Histogram
from nodeagent.snapshot import DeviceView, Snapshot

_INTERVAL_SECONDS = 0.95
"""A little under a second, so that a loop which runs late does not miss every other turn."""


class NodeMetrics:
    """Follows the control loop's snapshots and renders ``climatik_node_*``."""

    def __init__(self, node_name: str) -> None:
        self._node = f'node="{node_name}"'
        self._meters: dict[str, EnergyMeter] = {}
        self._writes: Counter[str] = Counter()
        self._latency = Histogram(GUARD_BUCKETS_SECONDS)
        self._over_watt_seconds = 0.0
        self._over_since: float | None = None
        self._snapshot: Snapshot | None = None
        self._at = 0.0

    def wrote(self, outcome: str) -> None:
        """Counts a write to a device by its outcome."""
        self._writes[outcome] += 1

    def observe(self, snapshot: Snapshot, now: float) -> None:
        """Takes in one step of the control loop."""
        for view in snapshot.devices:
            if view.reading is not None:
                self._meter(view).add(view.reading.energy_millijoules, now)
        self._time_guard(snapshot, now)
        self._integrate_excess(snapshot, now)
        self._snapshot, self._at = snapshot, now

    def render(self) -> bytes:
        """Returns the families in the text format; none before the first step."""
        if self._snapshot is None:
            return b""
        lines = [*self._device_lines(self._snapshot), *self._node_lines(self._snapshot), *self._count_lines()]
        return ("\n".join(lines) + "\n").encode()

    def _meter(self, view: DeviceView) -> EnergyMeter:
        info = view.info
        if info.id not in self._meters:
            self._meters[info.id] = EnergyMeter(_INTERVAL_SECONDS, info.energy_range_millijoules)
        return self._meters[info.id]

    def _time_guard(self, snapshot: Snapshot, now: float) -> None:
        budget = snapshot.verdict.budget_watts
        reachable = None if budget is None else max(budget, snapshot.standing.minimum_watts)
        over = reachable is not None and snapshot.standing.asked_watts > reachable
        if over and self._over_since is None:
            self._over_since = now
        elif not over and self._over_since is not None:
            self._latency.observe(now - self._over_since)
            self._over_since = None

    def _integrate_excess(self, snapshot: Snapshot, now: float) -> None:
        budget = snapshot.verdict.budget_watts
        if budget is not None and self._at:
            self._over_watt_seconds += max(self._node_draw(snapshot) - budget, 0.0) * (now - self._at)

    def _node_draw(self, snapshot: Snapshot) -> float:
        return snapshot.rest_watts + sum(self._draw(view) or 0.0 for view in snapshot.devices)

    def _device_lines(self, snapshot: Snapshot) -> Iterable[str]:
        views = snapshot.devices
        gpus = [view for view in views if view.info.kind == KIND_GPU]
        packages = [view for view in views if view.info.kind != KIND_GPU]
        yield from self._family("climatik_node_gpu_watts", "Mean draw of a GPU.", gpus, self._draw)
        yield from self._family(
            "climatik_node_cpu_watts", "Mean draw of a CPU package.", packages, self._draw
        )
        limit, asked = "climatik_node_limit_enforced_watts", "climatik_node_limit_requested_watts"
        yield from self._family(limit, "Watt limit that a device has.", views, _limit)
        yield from self._family(asked, "Watt limit that a device shall have.", views, _asked)
        yield from self._family("climatik_node_device_failed", "1 where a device failed.", views, _failed)
        yield from self._effect_lines(views)

    def _effect_lines(self, views: Iterable[DeviceView]) -> Iterable[str]:
        name = "climatik_node_limit_effect"
        yield from _head(name, "1 for what a device's limit does: hold it, nothing, or not obeyed.", "gauge")
        for view in views:
            yield f'{name}{{{self._labels(view)},effect="{view.effect.value}"}} 1'

    def _family(
        self, name: str, text: str, views: Iterable[DeviceView], value: Callable[[DeviceView], float | None]
    ) -> Iterable[str]:
        yield from _head(name, text, "gauge")
        for view in views:
            watts = value(view)
            if watts is not None:
                yield f"{name}{{{self._labels(view)}}} {watts:.3f}"

    def _labels(self, view: DeviceView) -> str:
        info = view.info
        if info.kind == KIND_GPU:
            return f'{self._node},gpu="{info.index}",gpu_uuid="{info.id}"'
        return f'{self._node},package="{info.index}"'

    def _draw(self, view: DeviceView) -> float | None:
        metered = self._meter(view).watts
        if view.fault is not None and not view.fault.on_write:
            return None
        return metered if metered is not None or view.reading is None else view.reading.draw_watts

    def _node_lines(self, snapshot: Snapshot) -> Iterable[str]:
        verdict, standing = snapshot.verdict, snapshot.standing
        rest = snapshot.rest_watts
        draw = self._node_draw(snapshot)
        yield from self._gauge("climatik_node_watts", "Mean draw of the node.", draw)
        yield from self._gauge("climatik_node_rest_watts", "Draw of all that is not a device.", rest)
        bound = "Most that all that is not a device is counted at."
        yield from self._gauge("climatik_node_rest_bound_watts", bound, standing.rest.watts)
        learned = float(standing.rest.source is RestSource.LEARNED)
        how = "1 where the bound on the rest was learned from a meter, 0 where it is the nameplate's."
        yield from self._gauge("climatik_node_rest_learned", how, learned)
        enforced = "Most that the node may draw by the limits of its devices."
        yield from self._gauge("climatik_node_enforced_budget_watts", enforced, standing.charged_watts)
        nameplate = "Most that the node can draw without limits."
        yield from self._gauge("climatik_node_nameplate_watts", nameplate, standing.nameplate_watts)
        if verdict.budget_watts is not None:
            yield from self._gauge(
                "climatik_node_budget_watts", "What the node may draw.", verdict.budget_watts
            )
        if verdict.lease_left_seconds is not None:
            left = "Until the node falls to its base without a heartbeat."
            yield from self._gauge("climatik_node_lease_left_seconds", left, verdict.lease_left_seconds)

    def _gauge(self, name: str, text: str, value: float) -> Iterable[str]:
        yield from _head(name, text, "gauge")
        yield f"{name}{{{self._node}}} {value:.3f}"

    def _count_lines(self) -> Iterable[str]:
        name = "climatik_node_over_budget_watt_seconds_total"
        yield from _head(name, "Energy drawn above the budget, in watt-seconds.", "counter")
        yield f"{name}{{{self._node}}} {self._over_watt_seconds:.3f}"
        name = "climatik_node_writes_total"
        yield from _head(name, "Writes to devices by result.", "counter")
        for result, count in sorted(self._writes.items()):
            yield f'{name}{{{self._node},result="{result}"}} {count}'
        name = "climatik_node_guard_latency_seconds"
        yield from _head(name, "From limits over the budget until lower ones were read back.", "histogram")
        yield from self._latency.lines(name, self._node)


def _head(name: str, text: str, kind: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"


def _limit(view: DeviceView) -> float | None:
    return None if view.reading is None else view.reading.limit_watts


def _asked(view: DeviceView) -> float | None:
    return view.target_watts


def _failed(view: DeviceView) -> float | None:
    return 1.0 if view.fault is not None else 0.0
