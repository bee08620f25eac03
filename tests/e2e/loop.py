"""The running product as the e2e tests hold it: caps told, grants seen, limits read past the agents."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator

from deploy.local.demo.hardware import Hardware
from deploy.local.demo.objects import DOMAIN, EXAMPLE_SERVICES, NAMESPACE, REPLICAS
from deploy.local.demo.physics import CapStep, judge
from deploy.local.demo.record import read_slices
from deploy.local.processes import wait_until
from deploy.local.stack import Stack


class Loop:
    """The running product, and the caps that it was told, for the judge."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.hardware = Hardware(stack.machine_room_socket, stack.nodes)
        self.caps: list[CapStep] = []

    def close(self) -> None:
        self.hardware.close()

    def set_cap(self, watts: int) -> None:
        self.caps.append(CapStep(time.time(), watts))
        patch = json.dumps({"spec": {"capWatts": watts}})
        self.stack.cluster.kubectl("patch", "pd", DOMAIN, "--type=merge", f"--patch={patch}")

    def enforcement(self) -> dict[str, int]:
        domain = json.loads(self.stack.cluster.kubectl("get", "pd", DOMAIN, "-o", "json"))
        found: dict[str, int] = domain.get("status", {}).get("enforcement", {})
        return found

    def budgets(self) -> list[tuple[dict[str, int], dict[str, int]]]:
        items = json.loads(self.stack.cluster.kubectl("get", "nf", "-o", "json"))["items"]
        return [
            (item["spec"].get("powerBudget", {}), item.get("status", {}).get("powerBudget", {}))
            for item in items
        ]

    def settled(self) -> bool:
        """Whether every grant is confirmed and the limits in force fit the cap that was told last."""
        budgets = self.budgets()
        confirmed = [spec and spec["sequence"] == status.get("sequence") for spec, status in budgets]
        told = self.enforcement().get("effectiveCapWatts") == self.caps[-1].cap_watts
        fits = self.hardware.exposure_watts() <= self.caps[-1].cap_watts + 0.5
        return told and fits and len(confirmed) == len(self.stack.nodes) and all(confirmed)

    def granted_watts(self) -> int:
        return sum(spec.get("grantWatts", 0) for spec, _ in self.budgets())

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
        wait_until(condition, what, timeout_seconds=seconds, check=self.stack.check)

    def watt_seconds_over_cap(self, since: float) -> float:
        return judge(read_slices(self.stack.records), self.caps, since).watt_seconds_over_cap

    def start_services(self) -> None:
        """Applies the example services at the demo's size, under load from the steep part of the trace on."""
        self.stack.cluster.kubectl("apply", "-f", str(EXAMPLE_SERVICES))
        for deployment, replicas in REPLICAS.items():
            self.stack.cluster.kubectl(
                "scale", "deployment", deployment, "-n", NAMESPACE, f"--replicas={replicas}"
            )
        self.hardware.start_trace(1.0, 40.0)

    def delete_all(self) -> None:
        """Takes policies and domains away and waits until the hardware is as it was found."""
        kubectl = self.stack.cluster.kubectl
        kubectl("delete", "powercappingpolicies", "--all", "-n", NAMESPACE)
        kubectl("delete", "powerdomains", "--all", "--wait=false")
        self.wait(lambda: not self.hardware.differences(), "settings as found", 40)
        kubectl("wait", "--for=delete", "powerdomains", "--all", "--timeout=30s")
        kubectl("delete", "-f", str(EXAMPLE_SERVICES), "--ignore-not-found")


@contextlib.contextmanager
def clean_loop(stack: Stack) -> Iterator[Loop]:
    """A loop whose policies, domains and services are taken away at the end, also of a test that failed."""
    loop = Loop(stack)
    try:
        yield loop
    finally:
        try:
            loop.delete_all()
        finally:
            loop.close()
