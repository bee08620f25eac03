"""What a limit does is known after at most five samples, and a limit that is not obeyed is not relied on."""

import pytest

from nodeagent.guard.effect import Effect, EffectWindow, clock_ceiling_mhz
from tests.fakes.devices import FakeDevice, gpu_info
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST, Agent


def judged(draws, limit=300.0, settle=0.8, window=None, start=0.0):
    """Feeds means of a second, ten looks each; returns the window."""
    window = window or EffectWindow(0.02, settle)
    now = start
    window.add(draws[0], limit, now)
    now += settle
    for draw in draws:
        for _ in range(11):
            window.add(draw, limit, now)
            now += 0.1
    return window


CASES = {
    "held at the limit": ([299.0], Effect.ENFORCED),
    "an excursion within the device's word": ([305.0, 299.0, 306.0], Effect.ENFORCED),
    "never reached": ([100.0] * 5, Effect.INERT),
    "never reached, too early to say": ([100.0] * 3, Effect.UNKNOWN),
    "above it three seconds": ([600.0] * 3, Effect.UNENFORCEABLE),
    "one second above": ([600.0, 290.0, 290.0, 290.0], Effect.ENFORCED),
    "above, with pauses": ([600.0, 100.0, 600.0, 100.0, 600.0], Effect.UNENFORCEABLE),
}


@pytest.mark.parametrize(("draws", "effect"), CASES.values(), ids=CASES)
def test_effect(draws, effect):
    assert judged(draws).effect is effect


def test_draws_before_a_new_limit_has_settled_do_not_count():
    window = judged([299.0])
    for step in range(8):
        window.add(600.0, 200.0, 10.0 + step * 0.1)
    assert window.effect is Effect.UNKNOWN


def test_a_disobedient_device_is_not_believed_the_next_limit():
    window = judged([600.0] * 3)
    judged([190.0] * 5, limit=200.0, window=window, start=20.0)
    assert window.effect is Effect.UNENFORCEABLE


def test_it_is_believed_again_after_its_spell():
    window = judged([600.0] * 3)
    judged([290.0] * 80, window=window, start=5.0)
    assert window.effect is Effect.ENFORCED


def test_the_clock_that_matches_a_limit_is_never_under_the_devices_lowest():
    assert clock_ceiling_mhz(2000, 300.0, 600.0, 210) == 1000
    assert clock_ceiling_mhz(2000, 300.0, 100.0, 210) == 2000
    assert clock_ceiling_mhz(2000, 1.0, 600.0, 210) == 210


class UnheldDevice(FakeDevice):
    """Takes a limit, says so, and draws by its clock alone."""

    def read(self):
        reading = super().read()
        part = (self.clock_limit or 2000) / 2000
        clock = round(2000 * part)
        return type(reading)(self.draw * part, 0, self.limit, self.limit, clock, self.clock_limit)


async def test_an_unheld_device_counts_at_its_draw_is_slowed_down_and_named(tmp_path):
    unheld = UnheldDevice(gpu_info("GPU-0"), draw=600.0)
    devices = [unheld, *(FakeDevice(gpu_info(f"GPU-{n}", index=n), draw=600.0) for n in (1, 2))]
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 1400, base=800)), domain())
    snapshot = await agent.turns(12)
    assert snapshot.devices[0].effect is Effect.UNENFORCEABLE
    assert unheld.clock_limit < 2000
    drawn = unheld.read().draw_watts
    assert drawn <= unheld.limit * 1.05
    assert drawn + sum(d.limit for d in devices[1:]) * 1.02 + REST <= 1400
    assert snapshot.standing.charged_watts >= drawn + REST
    agent.kill()
