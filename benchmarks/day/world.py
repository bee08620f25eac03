"""The services, the cap and the deferrable work of a day; all sized on the days that are fitted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.day.autoscaler import TARGET_SHARE, Autoscaler, Scaling
from benchmarks.day.grid import GridDay
from benchmarks.day.kinds import ServiceKind
from benchmarks.day.load import DAY_WINDOWS, FIT_DAYS, DayLoad
from benchmarks.day.planned import Ahead, Planned
from benchmarks.day.pool import Pool
from benchmarks.day.replay import Batch
from common.replay.load import Trace
from common.replay.profile import Floats
from common.replay.recorded import read_profile
from common.replay.server import A100_SERVER
from common.twin.phases import training_load
from recommender.logic.shifting import DeferrableJob, ShiftingWeights, shift

BATCH_SERVERS, BATCH_HOURS = 4, 12
_HOURS = 24
_WEIGHTS = ShiftingWeights(money=1.0, carbon_price_per_tonne=80.0)
_SERVICES = (
    # name, model, priority, ms between tokens, seconds to start, seconds to load, servers at the mean load
    ("chat", "llama2-70b", 1, 100.0, 2.0, 120.0, 8.0),
    ("assistant", "bloom-176b", 1, 150.0, 2.0, 240.0, 8.0),
    ("summaries", "llama2-70b", 0, 150.0, 10.0, 120.0, 8.0),
)


@dataclass(frozen=True)
class World:
    """What every day shares.

    Attributes:
        kinds: The services.
        scale: Mean requests per second of each.
        cap_watts: For all servers, deferrable work included.
        peak_servers: Of each service at its highest load of the fitted days.
        batch_watts: Of the deferrable work while it runs.
    """

    kinds: Sequence[ServiceKind]
    scale: Sequence[float]
    cap_watts: float
    peak_servers: Sequence[int]
    batch_watts: float

    def pools(self, load: DayLoad) -> list[Pool]:
        """Returns the services at the beginning, with servers for the load of the first window."""
        each = zip(self.kinds, load.windows[:, 0].tolist(), strict=True)
        return [Pool(kind, kind.servers_for(rate, TARGET_SHARE), rate) for kind, rate in each]


def make_world(folder: Path, trace: Trace, rates: Floats, cap_percent: float) -> World:
    """Sizes services, cap and deferrable work.

    Args:
        folder: Of the data.
        trace: Where the sizes of requests come from.
        rates: Relative loads.
        cap_percent: Of what the services draw at the highest load of the fitted days, each server full, plus
            the deferrable work.
    """
    prompt, output = float(trace.prompt_tokens.mean()), float(trace.output_tokens.mean())
    kinds = [
        ServiceKind(name, read_profile(folder, model), prompt, output, priority, ms / 1000.0, start, load)
        for name, model, priority, ms, start, load, _ in _SERVICES
    ]
    scale = [row[-1] * kind.capacity.requests_per_second for row, kind in zip(_SERVICES, kinds, strict=True)]
    highest = rates[:, : FIT_DAYS * DAY_WINDOWS].max(axis=1) * np.array(scale)
    peak = [kind.servers_for(rate) for rate, kind in zip(highest.tolist(), kinds, strict=True)]
    need = _inference_watts(kinds, rates[:, : FIT_DAYS * DAY_WINDOWS] * np.array(scale)[:, None])
    batch = BATCH_SERVERS * _training_watts()
    return World(kinds, scale, cap_percent / 100.0 * (float(need.max()) + batch), peak, batch)


def _inference_watts(kinds: Sequence[ServiceKind], windows: Floats) -> Floats:
    each = [kind.capacity.watts / kind.capacity.requests_per_second for kind in kinds]
    return np.asarray(np.array(each) @ windows)


def _training_watts() -> float:
    gpu = A100_SERVER.gpu
    return A100_SERVER.rest_watts + A100_SERVER.gpus * gpu.draw_watts(
        training_load(0.0), gpu.clocks.max_clock_mhz
    )


def autoscaled(world: World, *, within_cap: bool) -> Autoscaler:
    """Returns autoscalers without bounds, or under ceilings whose nameplates fit the cap together."""
    if not within_cap:
        return Autoscaler([Scaling(1, 10 * most) for most in world.peak_servers])
    servers = math.floor((world.cap_watts - world.batch_watts) / A100_SERVER.provisioned_watts)
    share = servers / sum(world.peak_servers)
    return Autoscaler([Scaling(1, max(1, math.floor(most * share))) for most in world.peak_servers])


def planned(world: World, load: DayLoad, grid: GridDay, batch: Batch) -> Planned:
    """Returns the planner, told the forecasts of the evening before."""
    hours = [
        Ahead(
            world.cap_watts - (batch.watts if hour in batch.hours else 0.0),
            float(grid.expected_usd_per_mwh[hour]) / 1000.0,
            float(grid.expected_gco2_per_kwh[hour]),
        )
        for hour in range(_HOURS)
    ]
    before = autoscaled(world, within_cap=False)
    return Planned(load, hours, 3 * max(world.peak_servers), before)


def batch_at_once(world: World) -> Batch:
    """Returns the deferrable work begun at midnight."""
    return Batch(world.batch_watts, frozenset(range(BATCH_HOURS)))


def batch_shifted(world: World, load: DayLoad, grid: GridDay) -> Batch:
    """Returns the deferrable work in the hours that shifting gives it, from forecasts alone.

    What inference leaves of the cap in an hour is taken from the same hours of the past week.
    """
    usual = load.history[:, -(FIT_DAYS * DAY_WINDOWS - DAY_WINDOWS) :]
    by_hour = np.roll(_inference_watts(world.kinds, usual), -_windows_to_midnight(load))
    need = by_hour.reshape(-1, _HOURS, DAY_WINDOWS // _HOURS).max(axis=2).mean(axis=0)
    costs = _WEIGHTS.hourly_costs(grid.expected_usd_per_mwh.tolist(), grid.expected_gco2_per_kwh.tolist())
    job = DeferrableJob("training", BATCH_HOURS, _HOURS, world.batch_watts)
    plans = shift([job], costs, (world.cap_watts - need).tolist())
    return Batch(world.batch_watts, frozenset(plans[job.name].hours))


def _windows_to_midnight(load: DayLoad) -> int:
    return DAY_WINDOWS - int(load.history.shape[1]) % DAY_WINDOWS
