"""A simulated node under load, hosted in this process: its agent reaches it through a socket as ever."""

from __future__ import annotations

import asyncio
import csv
import random
from collections import deque
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from common.clock import SystemClock
from common.twin.gpu_model import GPU_MODELS, Load
from common.twin.node import NodeModel, SimulatedNode
from common.twin.phases import StartPhase
from deploy.local.machine_room.pace import Pacer
from deploy.local.machine_room.playback import Playback
from deploy.local.machine_room.room import MachineRoom
from deploy.local.machine_room.server import SocketServer
from deploy.local.machine_room.trace import read_trace
from deploy.local.machine_room.verbs import Verbs

STEP_SECONDS = 0.02
GPUS = 8
_TRACE = Path(__file__).resolve().parents[2] / "deploy" / "local" / "traces" / "chat-and-code.csv"
_START_SECONDS, _LONGEST_LOAD_SECONDS = 6.0, 5.0


class StartSteps:
    """Recorded wall power of an 8-GPU server around the steps at which its work starts, as shares of peak."""

    def __init__(self, folder: Path) -> None:
        self._shares = [share for path in sorted(folder.glob("*.csv")) for share in _steepest(path)]

    def share(self, seconds: float) -> float:
        """Returns what of its peak the server drew at a moment; the record starts again at its end."""
        return self._shares[int(seconds) % len(self._shares)]


class LoadedNode:
    """Eight GPUs: half of them follow the recorded steps, the others take random loads at random moments."""

    def __init__(self, name: str, steps: StartSteps, seed: int) -> None:
        self.node = SimulatedNode(name, NodeModel(GPU_MODELS["h100"], gpu_count=GPUS), seed)
        self.second_watts: deque[tuple[float, float]] = deque()
        self._room = MachineRoom([self.node], Playback(read_trace(_TRACE)), StartPhase(_START_SECONDS))
        self._steps = steps
        self._random = random.Random(seed)
        self._change_at = dict.fromkeys(range(GPUS // 2, GPUS), 0.0)
        self._pacer = Pacer(self._step, STEP_SECONDS, SystemClock())
        self._window: deque[float] = deque(maxlen=round(1.0 / STEP_SECONDS))

    async def host(self, socket: Path) -> None:
        """Hosts the node until cancelled."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(
                SocketServer(Verbs(self._room), self._pacer.catch_up).listening(socket)
            )
            await self._pacer.run()

    @property
    def now(self) -> float:
        """Simulated seconds, which are real ones."""
        return self._room.now

    def exposed_watts(self) -> float:
        """What the node may draw over any second by the limits that its devices have now."""
        gpus = sum(gpu.enforced_limit_watts for gpu in self.node.gpus)
        packages = sum(package.enforced_limit_watts for package in self.node.packages)
        return self.node.model.exposed_watts(gpus, packages)

    def _step(self, dt: float) -> None:
        self._drive()
        self._room.step(dt)
        self._window.append(self.node.true_draw_watts)
        if len(self._window) == self._window.maxlen and self._pacer.steps % 5 == 0:
            self.second_watts.append((self.now, sum(self._window) / len(self._window)))

    def _drive(self) -> None:
        share = self._steps.share(self.now)
        for index, gpu in enumerate(self.node.gpus):
            if index not in self._change_at:
                gpu.load = Load(compute=0.8 * share, memory=0.2 * share)
            elif self.now >= self._change_at[index]:
                busy = self._random.choice((0.0, 0.3, 1.0))
                compute = busy * self._random.random()
                gpu.load = Load(compute=compute, memory=busy - compute)
                self._change_at[index] = self.now + self._random.uniform(0.5, _LONGEST_LOAD_SECONDS)


def _steepest(path: Path, before_seconds: int = 3, after_seconds: int = 12) -> Sequence[float]:
    """Returns the record around its steepest rise within two seconds, as shares of idle to peak."""
    with path.open(newline="") as lines:
        watts = [float(row["watts"]) for row in csv.DictReader(lines)]
    idle, peak = min(watts), max(watts)
    at = max(range(2, len(watts)), key=lambda second: watts[second] - watts[second - 2])
    part = watts[max(0, at - before_seconds) : at + after_seconds]
    return [(value - idle) / (peak - idle) for value in part]


async def cancelled(task: asyncio.Task[None]) -> None:
    """Cancels a task and waits for its end."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
