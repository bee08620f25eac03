"""The play: apply, load, cut the cap, watch it hold, give the hardware back."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

from common.api.core import Pod
from common.api.meta import find_condition
from common.api.names import ANNOTATION_POLICY
from common.twin.wire import SettingDifference
from deploy.local.demo.frame import Frame, all_confirmed
from deploy.local.demo.hardware import Hardware
from deploy.local.demo.objects import (
    CAP_WATTS,
    CAP_WATTS_AFTER_CUT,
    DOMAIN,
    EXAMPLE_NAMESPACE,
    EXAMPLE_SERVICES,
    NAMESPACE,
    POLICY,
    POWER_OBJECTS,
    REPLICAS,
)
from deploy.local.demo.physics import CapStep
from deploy.local.demo.watch import Watcher
from deploy.local.stack import Stack

_TRACE_OFFSET_SECONDS = 15.0
_BEFORE_CUT_SECONDS = 40.0
_AFTER_CUT_SECONDS = 35.0
_READY_SECONDS = 60.0
_RELEASE_SECONDS = 40.0


@dataclass
class Course:
    """What happened when; times in Unix seconds, as in the record of the machine room."""

    caps: list[CapStep] = field(default_factory=list)
    ready: float = 0.0
    caps_ended: float = float("inf")
    cap_cut_to_applied_seconds: float = 0.0
    pods_mutated: int = 0
    pods_running: int = 0
    not_restored: list[SettingDifference] = field(default_factory=list)
    devices: int = 0
    description: str = ""


class Scenario:
    """Plays the parts one after the other on a running stack."""

    def __init__(self, stack: Stack, watcher: Watcher, hardware: Hardware) -> None:
        self._stack = stack
        self._watcher = watcher
        self._hardware = hardware
        self.course = Course(devices=hardware.devices)

    def play(self) -> Course:
        """Plays all but the end: domains and policies, load, cut. ``give_back`` is the end."""
        self._apply_power_objects()
        self._wait_until_caps_hold()
        self._start_services()
        self._watcher.show_for(_BEFORE_CUT_SECONDS, f"load under a cap of {CAP_WATTS:,} W")
        self._cut()
        self._watcher.show_for(_AFTER_CUT_SECONDS, f"load under a cap of {CAP_WATTS_AFTER_CUT:,} W")
        self._describe()
        return self.course

    def give_back(self) -> None:
        """Takes the power objects away; the agents put every device back as it was found."""
        self._watcher.say(
            "Uninstalling: policies and domains are deleted, the agents give the hardware back."
        )
        self.course.caps_ended = time.time()
        self._kubectl("delete", "powercappingpolicies", "--all", "-n", NAMESPACE)
        self._kubectl("delete", "powerdomains", "--all", "--wait=false")
        deadline = time.monotonic() + _RELEASE_SECONDS
        while (left := self._hardware.differences()) and time.monotonic() < deadline:
            self._watcher.show_for(0.5, f"{len(left)} settings to give back")
        self.course.not_restored = self._hardware.differences()
        self._kubectl("wait", "--for=delete", "powerdomains", "--all", "--timeout=30s")

    def _apply_power_objects(self) -> None:
        self._watcher.say("kubectl apply: a cluster of two racks under one cap, a policy for each service")
        self._kubectl("apply", "-f", str(EXAMPLE_NAMESPACE))
        self._kubectl("apply", "-f", str(POWER_OBJECTS))

    def _wait_until_caps_hold(self) -> None:
        nodes = len(self._stack.nodes)

        def enforced(frame: Frame) -> bool:
            domain = frame.domain(DOMAIN)
            condition = find_condition(domain.status.conditions, "Enforced") if domain else None
            return condition is not None and condition.status == "True" and all_confirmed(frame, nodes)

        self._watcher.show_until(enforced, "caps are being put in place", timeout_seconds=_READY_SECONDS)
        self.course.ready = time.time()
        self.course.caps.append(CapStep(self.course.ready, CAP_WATTS))
        self._watcher.say(f"The cap of {CAP_WATTS:,} W holds from here on: every node confirmed its grant.")

    def _start_services(self) -> None:
        self._watcher.say("kubectl apply: the vLLM deployments; the load trace starts")
        self._kubectl("apply", "-f", str(EXAMPLE_SERVICES))
        for deployment, replicas in REPLICAS.items():
            self._kubectl("scale", "deployment", deployment, "-n", NAMESPACE, f"--replicas={replicas}")
        self._hardware.start_trace(1.0, _TRACE_OFFSET_SECONDS)

    def _cut(self) -> None:
        self._watcher.say(
            f"kubectl patch: the cap of {DOMAIN!r} is cut from {CAP_WATTS:,} W to {CAP_WATTS_AFTER_CUT:,} W"
        )
        patch = json.dumps({"spec": {"capWatts": CAP_WATTS_AFTER_CUT}})
        began = time.time()
        self.course.caps.append(CapStep(began, CAP_WATTS_AFTER_CUT))
        self._kubectl("patch", "powerdomain", DOMAIN, "--type=merge", f"--patch={patch}")
        self._hardware.seconds_until_at_most(CAP_WATTS_AFTER_CUT, timeout_seconds=15)
        seconds = self.course.cap_cut_to_applied_seconds = round(time.time() - began, 3)
        self._watcher.say(f"Every device obeys the lower cap {seconds:.2f} s after kubectl began")

    def _describe(self) -> None:
        frame = self._watcher.look()
        self.course.pods_running = sum(pod.status.phase == "Running" for pod in frame.pods)
        self.course.pods_mutated = sum(map(_mutated, frame.pods))
        self.course.description = self._kubectl("describe", "pcp", POLICY, "-n", NAMESPACE)

    def _kubectl(self, *arguments: str) -> str:
        return self._stack.cluster.kubectl(*arguments)


def _mutated(pod: Pod) -> bool:
    return ANNOTATION_POLICY in pod.metadata.annotations
