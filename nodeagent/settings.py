"""The node agent's settings."""

from __future__ import annotations

from dataclasses import dataclass

from common.service.settings import ServiceSettings, setting
from nodeagent.noderesource import OFFER_NAMEPLATE, OFFER_SHARE


@dataclass(frozen=True)
class AgentSettings(ServiceSettings):
    """Which node and devices, how fast, and what is kept where."""

    node_name: str = setting(
        "",
        group="Node",
        reason="the Node that this agent runs for; a DaemonSet fills it in from spec.nodeName",
    )
    state_dir: str = setting(
        "/var/lib/climatik",
        unit="path",
        group="Node",
        reason="original settings and the last grant are kept here; it must outlive the container",
    )
    advertised_watts: int = setting(
        -1,
        unit="W",
        minimum=-1,
        group="Node",
        reason="climatik.io/watts that pods can request; -1 leaves it to --offer, 0 offers none",
    )
    offer: str = setting(
        OFFER_NAMEPLATE,
        choices=(OFFER_NAMEPLATE, OFFER_SHARE),
        group="Node",
        reason="what pods can plan with: all that the node can draw, or its share of the caps above it, so "
        "that the scheduler keeps the sum of requests under a cap",
    )
    manage_taint: bool = setting(
        True, group="Node", reason="keep pods off a node of a domain until its caps are written"
    )
    devices: tuple[str, ...] = setting(
        ("simulated",),
        group="Devices",
        reason="drivers of the devices to hold, as a list with commas: nvml, cpu, simulated",
    )
    simulated_socket: str = setting(
        "/run/climatik/devices.sock",
        unit="path",
        group="Devices",
        reason="where the process that hosts simulated devices listens",
    )
    sysfs_root: str = setting(
        "/sys",
        unit="path",
        group="Devices",
        reason="where the host's sysfs is mounted; driver cpu finds RAPL and cpufreq below it",
    )
    cpu_nameplate_watts: int = setting(
        500,
        unit="W",
        minimum=1,
        group="Devices",
        reason="rated power of a CPU package whose kernel does not know it; no package has more today",
    )
    device_deadline_seconds: float = setting(
        1.0,
        unit="s",
        minimum=0.05,
        group="Devices",
        reason="a device that is later is Failed and counted at nameplate; drivers take milliseconds",
    )
    driver_start_seconds: float = setting(
        30.0,
        unit="s",
        minimum=0.05,
        group="Devices",
        reason="a driver that has not named its devices by then hangs, and the node starts without them; one "
        "without persistence mode takes seconds a GPU",
    )
    rest_bound_watts: int = setting(
        -1,
        unit="W",
        minimum=-1,
        group="Devices",
        reason="bound on all of the node that is no device (memory, fans, cards); -1 takes the driver's word",
    )
    pod_resources_socket: str = setting(
        "/var/lib/kubelet/pod-resources/kubelet.sock",
        unit="path",
        group="Pods",
        reason="the kubelet says here which pod is on which GPU; empty: nobody asks, and all GPUs weigh one",
    )
    pod_resources_period_seconds: float = setting(
        3.0,
        unit="s",
        minimum=0.1,
        group="Pods",
        reason="time between two questions to the kubelet, which has nothing to watch; it takes 100 a second",
    )
    pod_resources_deadline_seconds: float = setting(
        2.0, unit="s", minimum=0.05, group="Pods", reason="a kubelet that is later is asked again"
    )
    pod_resources_age_seconds: float = setting(
        60.0,
        unit="s",
        minimum=1.0,
        group="Pods",
        reason="so long the last answer is gone by while the kubelet is silent; a restart takes half of it",
    )
    watch_pods: bool = setting(
        True,
        group="Pods",
        reason="read priority, uid and other agents' annotations of this node's pods from the API server",
    )
    node_meter: str = setting(
        "driver",
        group="Devices",
        choices=("driver", "psys", "none"),
        reason="what the rest is learned from; psys is RAPL's platform zone, only where it covers the GPUs",
    )
    rest_learning_seconds: float = setting(
        600.0,
        unit="s",
        minimum=10.0,
        group="Devices",
        reason="so long the rest is watched before a lower bound than --rest-bound-watts is used for it",
    )
    rest_margin_percent: int = setting(
        3,
        unit="%",
        minimum=0,
        maximum=50,
        group="Devices",
        reason="kept above the highest draw of the rest in six hours, because meters of nodes err",
    )
    rest_follow_percent: int = setting(
        20,
        unit="%",
        minimum=0,
        maximum=100,
        group="Devices",
        reason="how much of each further watt of devices the rest may add (losses 5 to 8, fans up to 15)",
    )
    guard_period_seconds: float = setting(
        0.1,
        unit="s",
        minimum=0.01,
        maximum=1.0,
        group="Guard",
        reason="time between two looks at the devices; starts of jobs raise the draw within a second",
    )
    rebalance_seconds: float = setting(
        1.0,
        unit="s",
        minimum=0.0,
        group="Guard",
        reason="least time between two moves of watts among devices, so that limits do not saw",
    )
    ramp_seconds: float = setting(
        30.0,
        unit="s",
        minimum=0.0,
        group="Guard",
        reason="how long the way back from base takes, so that a domain does not step up at once",
    )
    watchdog: bool = setting(
        False,
        group="Watchdog",
        reason="run as the watchdog instead: lower to base when the agent is silent and the lease is over",
    )
    watchdog_silence_seconds: float = setting(
        10.0,
        unit="s",
        minimum=3.0,
        group="Watchdog",
        reason="an agent without a sign of life for so long is gone or hangs; it gives one each second",
    )
    restore: bool = setting(
        False, group="Commands", reason="put every setting back as it was found, and exit"
    )
    write_base: bool = setting(
        False,
        group="Commands",
        reason="write the base that the last boot's grant left, and exit: for a host unit before the kubelet",
    )
    boot_patience_seconds: float = setting(
        60.0,
        unit="s",
        minimum=0.0,
        group="Commands",
        reason="so long --write-base waits for drivers; no longer, since pods wait with it",
    )
    restore_over_others: bool = setting(
        False,
        group="Commands",
        reason="with --restore: also put back devices that somebody else has changed since they were left",
    )
    probe: bool = setting(False, group="Commands", reason="print devices and readings as a table, and exit")
    accept: bool = setting(
        False,
        group="Commands",
        reason="go on although saved state could not be read: what was found before is then unknown for good",
    )
