"""Records of true draw: means that add up, at the right times."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from deploy.local.machine_room.recorder import NODE_SLICES_FILE, SECONDS_FILE, SLICES_FILE, Recorder
from deploy.local.machine_room.room import MachineRoom
from tests.unit.machine_room.rooms_for_tests import pod, run, small_room


class Joules:
    """An integral of its own to compare with."""

    def __init__(self) -> None:
        self.total = 0.0

    def observe(self, room: MachineRoom, dt: float) -> None:
        self.total += room.true_draw_watts * dt


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Path, float]:
    room, joules = small_room(), Joules()
    recorder = Recorder(tmp_path / "out", unix_start=1000.0)
    room.observers += [recorder, joules]
    room.admit(pod("p0", gpus=2))
    run(room, 10.0)
    recorder.close()
    return tmp_path / "out", joules.total


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_seconds_by_node_workload_and_total(recorded: tuple[Path, float]) -> None:
    folder, joules = recorded
    seen = rows(folder / SECONDS_FILE)
    totals = [float(row["watts"]) for row in seen if row["scope"] == "total"]
    nodes = [float(row["watts"]) for row in seen if row["scope"] == "node"]
    workloads = [row for row in seen if row["scope"] == "workload"]
    assert len(totals) == 10
    assert sum(totals) == pytest.approx(joules, abs=1.0)
    assert sum(nodes) == pytest.approx(joules, abs=2.0)
    assert {row["name"] for row in workloads} == {"chat"}


def test_tenths_of_a_second_in_total_and_by_node(recorded: tuple[Path, float]) -> None:
    folder, joules = recorded
    seen = rows(folder / SLICES_FILE)
    by_node = rows(folder / NODE_SLICES_FILE)
    assert (len(seen), len(by_node)) == (100, 200)
    for slices in (seen, by_node):
        assert sum(float(row["watts"]) * 0.1 for row in slices) == pytest.approx(joules, abs=1.0)


def test_times_are_unix_seconds_at_the_start_of_each_window(recorded: tuple[Path, float]) -> None:
    folder, _ = recorded
    moments = [float(row["unix_seconds"]) for row in rows(folder / SLICES_FILE)]
    assert moments == pytest.approx([1000.0 + index * 0.1 for index in range(100)], abs=0.002)
