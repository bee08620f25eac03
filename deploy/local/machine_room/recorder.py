"""Records of true draw: means over 1 s by node, workload and in total; over 0.1 s in total and by node."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TextIO

from deploy.local.machine_room.room import MachineRoom

SECONDS_FILE = "true-draw-1s.csv"
SLICES_FILE = "true-draw-100ms.csv"
NODE_SLICES_FILE = "true-draw-nodes-100ms.csv"
SECONDS_HEADER = "unix_seconds,scope,name,watts\n"
SLICES_HEADER = "unix_seconds,watts\n"
NODE_SLICES_HEADER = "unix_seconds,name,watts\n"
_SECOND = 1.0
_SLICE = 0.1


class MeanWindow:
    """Means over successive windows of simulated time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._joules: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._filled = 0.0
        self.start = 0.0

    def add(self, scope: str, name: str, watts: float, dt: float) -> None:
        """Adds what a thing drew over a step."""
        self._joules[scope, name] += watts * dt

    def advance(self, dt: float) -> list[tuple[str, str, float]]:
        """Ends a step; returns (scope, name, mean watts) where it filled a window, else nothing."""
        self._filled += dt
        if self._filled + 1e-9 < self._seconds:
            return []
        means = [(scope, name, joules / self._filled) for (scope, name), joules in self._joules.items()]
        self._joules.clear()
        return means

    def restart(self, now: float) -> None:
        """Begins the next window."""
        self._filled = 0.0
        self.start = now


class Recorder:
    """Writes the records into a folder; times are Unix seconds at the start of each window."""

    def __init__(self, folder: Path, unix_start: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._unix_start = unix_start
        self._seconds_file = _open(folder / SECONDS_FILE, SECONDS_HEADER)
        self._slices_file = _open(folder / SLICES_FILE, SLICES_HEADER)
        self._node_slices_file = _open(folder / NODE_SLICES_FILE, NODE_SLICES_HEADER)
        self._second = MeanWindow(_SECOND)
        self._slice = MeanWindow(_SLICE)

    def observe(self, room: MachineRoom, dt: float) -> None:
        """Takes in a step."""
        total = 0.0
        for name, driver in room.drivers.items():
            watts = driver.node.true_draw_watts
            total += watts
            self._second.add("node", name, watts, dt)
            self._slice.add("node", name, watts, dt)
        for tenant in room.tenants.values():
            self._second.add("workload", tenant.pod.workload, tenant.true_draw_watts, dt)
        self._second.add("total", "", total, dt)
        self._slice.add("total", "", total, dt)
        self._write(room.now, dt)

    def close(self) -> None:
        """Flushes and closes the files."""
        self._seconds_file.close()
        self._slices_file.close()
        self._node_slices_file.close()

    def _write(self, now: float, dt: float) -> None:
        if means := self._slice.advance(dt):
            self._write_slices(self._unix_start + self._slice.start, means)
            self._slice.restart(now)
        if means := self._second.advance(dt):
            moment = self._unix_start + self._second.start
            rows = (f"{moment:.3f},{scope},{name},{watts:.1f}\n" for scope, name, watts in means)
            self._seconds_file.writelines(rows)
            self._second.restart(now)
            for file in (self._seconds_file, self._slices_file, self._node_slices_file):
                file.flush()

    def _write_slices(self, moment: float, means: list[tuple[str, str, float]]) -> None:
        for scope, name, watts in means:
            if scope == "total":
                self._slices_file.write(f"{moment:.3f},{watts:.1f}\n")
            else:
                self._node_slices_file.write(f"{moment:.3f},{name},{watts:.1f}\n")


def _open(path: Path, header: str) -> TextIO:
    file = path.open("w")
    file.write(header)
    return file
