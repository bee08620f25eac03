"""Mistakes of measurement, each as what a Prometheus would scrape in such a cluster."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.doctor.pages import Page

_KEPLER_NODE = """
kepler_node_cpu_watts{node_name="k1",zone="package",path="/p"} 90
kepler_node_cpu_watts{node_name="k1",zone="core",path="/c"} 60
kepler_node_cpu_watts{node_name="k1",zone="dram",path="/d"} 10
"""
_KEPLER_PODS = """
kepler_pod_cpu_watts{pod_id="u",pod_name="p",pod_namespace="ns",node_name="k1",zone="package"} 30
"""
_KEPLER = _KEPLER_NODE + _KEPLER_PODS
_POD = 'pod="p",namespace="ns",container="c"'
_OURS = """
climatik_node_watts{node="a"} 900
climatik_node_limit_enforced_watts{node="a",gpu_uuid="GPU-A"} 400
"""


def _board(uuid: str, watts: float, more: str = "", *, limited: bool = True) -> str:
    labels = f'gpu="0",UUID="{uuid}",hostname="a"' + (f",{more}" if more else "")
    text = f"DCGM_FI_DEV_POWER_USAGE{{{labels}}} {watts}\nDCGM_FI_DEV_GPU_UTIL{{{labels}}} 90\n"
    return text + (f"DCGM_FI_DEV_ENFORCED_POWER_LIMIT{{{labels}}} 400\n" if limited else "")


def _limit(uuid: str) -> str:
    return f'DCGM_FI_DEV_ENFORCED_POWER_LIMIT{{UUID="{uuid}",hostname="a"}} 400\n'


def _history(ages_seconds: Sequence[float], uuid: str) -> str:
    """Samples that the target has stamped itself, so that minutes of them are there at the first scrape."""
    now = time.time()
    stamps = [int((now - age) * 1000) for age in sorted(ages_seconds, reverse=True)]
    name = f'DCGM_FI_DEV_POWER_USAGE{{UUID="{uuid}",hostname="a",{_POD}}}'
    return "".join(f"{name} {300 + at % 7} {at}\n" for at in stamps) + _limit(uuid)


def _skewed(offset_seconds: float) -> Page:
    return lambda _: f'climatik_node_watts{{node="a"}} 500 {int((time.time() + offset_seconds) * 1000)}\n'


def _slowly_collected() -> str:
    """Sampled each 5 s, while the counter of energy grows every 30 s alone."""
    now = int(time.time())
    labels = f'{{UUID="GPU-L",hostname="a",{_POD}}}'
    stamps = range(now - 285, now, 5)
    energy = "".join(
        f"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{labels} {9e6 + at // 30 * 9e6:.0f} {at}000\n" for at in stamps
    )
    return (
        _limit("GPU-L") + energy + "".join(f"DCGM_FI_DEV_POWER_USAGE{labels} 300 {at}000\n" for at in stamps)
    )


def _rule(name: str, expression: str) -> str:
    return f"groups: [{{name: g, rules: [{{record: \"{name}\", expr: '{expression}'}}]}}]\n"


@dataclass(frozen=True)
class Mistake:
    """One way to measure wrongly.

    Attributes:
        name: What it is called here.
        finding: What the doctor has to call it; empty where nothing is wrong.
        pages: What the exporters serve, by path.
        rules: A rule file.
        target_labels: Of all targets.
    """

    name: str
    finding: str
    pages: dict[str, Page]
    rules: str = ""
    target_labels: dict[str, str] = field(default_factory=dict)


def clean() -> Mistake:
    """Returns a cluster in which all is as it should be, several sources and a careful rule included."""
    pages: dict[str, Page] = {
        "/clean-kepler": _KEPLER,
        "/clean-dcgm": _board("GPU-A", 300, _POD) + _board("GPU-B", 60).replace("} 90", "} 0"),
        "/clean-agents": _OURS,
        "/clean-node": lambda _: f"node_time_seconds {time.time()}\n",
        "/clean-history": _history(range(0, 290, 5), "GPU-C"),
    }
    rules = _rule("cluster:watts", "sum(max by (UUID) (DCGM_FI_DEV_POWER_USAGE))")
    return Mistake("clean", "", pages, rules)


def mistakes() -> Iterator[Mistake]:
    """Yields every mistake that the doctor knows, some in several guises, with histories that end then."""
    mig = "".join(
        _board("GPU-M", 300, f'GPU_I_ID="{each}",GPU_I_PROFILE="1g.10gb",{_POD}') for each in (1, 2)
    )
    steps = [*range(0, 100, 5), *range(200, 290, 5)]
    yield Mistake("nothing measured", "no-power-series", {"/other": "some_total 1\n"})
    yield Mistake("exporter down", "target-down", {"/dcgm-down": "", "/kepler-beside": _KEPLER})
    yield Mistake("kube.enabled not set", "kepler-without-pods", {"/kepler": _KEPLER_NODE})
    yield Mistake(
        "zones summed",
        "kepler-zones-summed",
        {"/kepler-zones": _KEPLER},
        _rule("node:watts", "sum by (node_name) (kepler_node_cpu_watts)"),
    )
    yield Mistake("scraped each 30 s", "slow-exporter", {"/slow": _history(range(0, 290, 30), "GPU-S")})
    yield Mistake("exporter collects each 30 s", "slow-exporter", {"/lazy": _slowly_collected()})
    yield Mistake("no limit fields", "limits-missing", {"/limits": _board("GPU-N", 300, _POD, limited=False)})
    yield Mistake(
        "MIG instances summed",
        "mig-double-count",
        {"/mig": mig},
        _rule("gpus:watts", "sum(DCGM_FI_DEV_POWER_USAGE)"),
    )
    yield Mistake(
        "persistence mode off",
        "no-persistence-mode",
        {"/persistence": 'DCGM_FI_DEV_PERSISTENCE_MODE{gpu="0",UUID="GPU-P",hostname="a"} 0\n' + _OURS},
    )
    yield Mistake("no pod labels", "pod-labels-missing", {"/unlabelled": _board("GPU-U", 300)})
    yield Mistake(
        "the exporter's own pod",
        "pod-labels-missing",
        {"/own-pod": _board("GPU-O", 300)},
        target_labels={"pod": "dcgm-exporter-x", "namespace": "monitoring"},
    )
    yield Mistake("a hole of 100 s", "scrape-gaps", {"/gaps": _history(steps, "GPU-G")})
    yield Mistake("target's clock ahead", "clock-skew", {"/ahead": _skewed(120)})
    yield Mistake("target's clock behind", "clock-skew", {"/behind": _skewed(-120)})
    yield Mistake(
        "node's clock ahead",
        "clock-skew",
        {"/node": lambda _: f"node_time_seconds {time.time() + 60}\n" + _OURS},
    )
    yield Mistake(
        "Dynamo's agent beside ours",
        "two-writers",
        {"/dynamo": 'dynamo_power_agent_configured_cap_watts{gpu="0"} 300\n' + _OURS},
    )
    yield Mistake(
        "Joulie beside ours",
        "two-writers",
        {"/joulie": 'kube_node_labels{node="a",label_joulie_io_power_profile="eco"} 1\n' + _OURS},
    )
    yield Mistake(
        "power manager beside ours",
        "two-writers",
        {"/manager": 'kube_node_status_capacity{resource="power_intel_com_gold"} 4\n' + _OURS},
    )
