"""The doctor at a real Prometheus: every mistake at once, and none."""

from benchmarks.doctor.benchmark import examine_cluster
from benchmarks.doctor.mistakes import clean, mistakes


def test_every_mistake_is_named(tmp_path):
    rooms = [each for each in mistakes() if each.finding != "no-power-series"]
    found = {finding.id: finding for finding in examine_cluster(rooms, tmp_path)}
    assert found.keys() == {room.finding for room in rooms}
    skew = found["clock-skew"].seen
    assert "ahead of" in skew
    assert "dcgm-down" in found["target-down"].seen
    assert "GPU-N" in found["limits-missing"].seen


def test_nothing_is_invented(tmp_path):
    assert examine_cluster([clean()], tmp_path) == []
