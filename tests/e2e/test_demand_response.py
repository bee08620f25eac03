"""A load target from the grid, on the whole real stack: announced, reached, held, let go, under its id.

The watts are judged by the true draw of the simulated devices, which no binary ever sees.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from deploy.local.demo.objects import CAP_WATTS, DOMAIN, POWER_OBJECTS
from deploy.local.demo.physics import CapStep, judge
from deploy.local.demo.record import read_slices
from deploy.local.stack import Stack
from tests.e2e.loop import Loop, clean_loop

EVENT = "grid-event-0815"
TARGET_WATTS = 9_500
AHEAD, RAMP, HOLD = 12, 5, 12
"""Seconds from the announcement to the start, of the ramp within them, and from the start to the end."""


@pytest.fixture
def loop(stack: Stack) -> Iterator[Loop]:
    with clean_loop(stack) as loop:
        stack.cluster.kubectl("apply", "-f", str(POWER_OBJECTS))
        loop.set_cap(CAP_WATTS)
        loop.wait(loop.settled, "first grants", 60)
        loop.start_services()
        yield loop


def test_a_load_target_is_announced_reached_held_and_released(loop: Loop) -> None:
    loop.wait(lambda: _drawn(loop) > TARGET_WATTS, "a draw above the target", 90)
    loop.hardware.start_trace(1.0, 40.0)
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=AHEAD)
    end = start + timedelta(seconds=HOLD)
    _announce(loop, start, end)
    phases: list[str] = []

    def released() -> bool:
        condition = _condition(loop)
        if condition and condition["reason"] not in phases:
            assert EVENT in condition["message"]
            phases.append(condition["reason"])
        return "Released" in phases

    loop.wait(released, "the end of the event", AHEAD + HOLD + 30)
    assert phases == ["Announced", "Ramping", "Held", "Released"]
    told = [CapStep(start.timestamp(), TARGET_WATTS), CapStep(end.timestamp(), CAP_WATTS)]
    verdict = judge(read_slices(loop.stack.records), [*loop.caps, *told], start.timestamp())
    assert verdict.watt_seconds_over_cap == 0
    loop.wait(lambda: _drawn(loop) > TARGET_WATTS, "the draw to come back", 60)
    loop.wait(lambda: set(map("LoadTarget{}".format, phases)) <= _reasons(loop), "an Event of each phase")


def _announce(loop: Loop, start: datetime, end: datetime) -> None:
    target = {
        "watts": TARGET_WATTS,
        "startTime": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "endTime": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "rampSeconds": RAMP,
        "correlationId": EVENT,
    }
    patch = json.dumps({"spec": {"loadTarget": target}})
    loop.stack.cluster.kubectl("patch", "pd", DOMAIN, "--type=merge", f"--patch={patch}")


def _condition(loop: Loop) -> dict[str, str] | None:
    domain = json.loads(loop.stack.cluster.kubectl("get", "pd", DOMAIN, "-o", "json"))
    conditions = domain.get("status", {}).get("conditions", [])
    return next((one for one in conditions if one["type"] == "LoadTarget"), None)


def _reasons(loop: Loop) -> set[str]:
    """Reasons of all Events on the domain that name the grid's event."""
    listed = loop.stack.cluster.kubectl("get", "events", "--all-namespaces", "-o", "json")
    events = [item for item in json.loads(listed)["items"] if EVENT in item.get("message", "")]
    return {item["reason"] for item in events if item["involvedObject"]["name"] == DOMAIN}


def _drawn(loop: Loop) -> float:
    """The mean true draw of the last second that was recorded, in watts."""
    slices = read_slices(loop.stack.records)[-10:]
    return sum(one.watts for one in slices) / len(slices) if slices else 0.0
