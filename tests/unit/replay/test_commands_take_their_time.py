"""What is decided is in force a latency later; a brake overtakes; what is seen is as old as telemetry is."""

import numpy as np
import pytest

from common.replay.closed_loop import Replay, run
from common.replay.control import Actuation, Command, RowFacts, View
from common.replay.load import priorities
from common.replay.polca import BRAKE_MHZ, PolcaControl
from common.replay.row import Limits
from common.replay.server import A100_SERVER
from tests.unit.replay.rows import PROFILE, RAMP, requests


class Once:
    """Asks for a limit at its first decision and notes what it sees."""

    def __init__(self, actuation, watts=3600.0):
        self.actuation = actuation
        self.seen = []
        self._watts = watts

    def observe(self, now, draw):
        self.seen.append((now, float(draw[0])))

    def decide(self, view):
        if np.isfinite(view.commanded.watts).any():
            return None
        return Command(
            view.now + self.actuation.latency_seconds, Limits(np.full(2, self._watts), np.full(2, np.inf))
        )


BUSY = requests([(0, 0, 100, 5000), (0, 1, 100, 5000)], servers=2)
FACTS = RowFacts(A100_SERVER, priorities(2), 2 * 5700.0)


@pytest.mark.parametrize("latency", [0.25, 5.0, 40.0])
def test_a_limit_is_in_force_after_its_latency(latency):
    controller = Once(Actuation(1.0, 0.0, latency))
    watts = run(Replay(A100_SERVER, PROFILE, BUSY, RAMP), controller).watts
    first_lower = int(np.argmax(watts < 0.9 * watts[3:6].max())) if latency > 3 else None
    assert watts[-1] <= 2 * 3600 + 20
    if first_lower is not None:
        assert first_lower == pytest.approx(1 + latency, abs=1)


def test_the_draw_is_seen_as_late_as_telemetry_is():
    controller = Once(Actuation(1.0, 7.0, 0.25))
    run(Replay(A100_SERVER, PROFILE, BUSY, RAMP), controller)
    assert controller.seen[0][0] == 1.0
    assert len(controller.seen) == 100 - 7


def view(percent, now, commanded=None):
    draw = np.full(2, percent / 100 * 5700.0)
    return View(now, draw, commanded or Limits.none(2))


def test_polca_clocks_out_of_band_and_waits_for_its_command():
    control = PolcaControl(FACTS)
    command = control.decide(view(82, 100.0))
    assert command.at == 140.0
    assert command.limits.clock.tolist() == [np.inf, 1275]
    assert control.decide(view(95, 110.0, command.limits)) is None
    later = control.decide(view(95, 150.0, command.limits))
    assert later.limits.clock.tolist() == [1305, 1110]


def test_polca_brakes_at_the_cap_in_5_s_and_lets_go_under_the_first_threshold():
    control = PolcaControl(FACTS)
    brake = control.decide(view(100, 100.0))
    assert brake.at == 105.0
    assert set(brake.limits.clock.tolist()) == {BRAKE_MHZ}
    assert control.decide(view(85, 110.0, brake.limits)) is None
    release = control.decide(view(79, 112.0, brake.limits))
    assert np.isinf(release.limits.clock).all()
    assert control.brakes == 1


class Brakes:
    """A slow command first, then a fast one."""

    actuation = Actuation(1.0, 0.0, 40.0)

    def observe(self, now, draw):
        pass

    def decide(self, view):
        if view.now == 1.0:
            return Command(41.0, Limits(np.full(2, np.inf), np.full(2, np.inf)))
        if view.now == 2.0:
            return Command(3.0, Limits(np.full(2, 3600.0), np.full(2, np.inf)))
        return None


def test_a_faster_command_ends_those_on_their_way():
    watts = run(Replay(A100_SERVER, PROFILE, BUSY, RAMP), Brakes()).watts
    assert watts[4:].max() <= 2 * 3600 + 20
