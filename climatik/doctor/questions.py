"""What the doctor asks Prometheus: one whole-cluster question each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from common.telemetry.dialects import DIALECTS, dcgm, kepler

WINDOW_SECONDS = 300
"""What gaps and spacing are judged by: ten samples of the slowest usual exporters."""
AHEAD_SECONDS = (290, 590)
"""Prometheus takes samples up to 10 min ahead of its clock, and tells of them only when asked there.

Each question sees the 5 min before it."""

_REVEALING = sorted({name for dialect in DIALECTS for name in dialect.reveals})
POWER = f'{{__name__=~"{"|".join(map(re.escape, _REVEALING))}"}}'
"""All series by which dialects are detected."""
LIMITS = (
    "DCGM_FI_DEV_ENFORCED_POWER_LIMIT",
    "DCGM_FI_DEV_POWER_MGMT_LIMIT",
    "DCGM_FI_DEV_BOARD_POWER_LIMIT_ENFORCED_WATTS",
    "DCGM_FI_DEV_BOARD_POWER_LIMIT_REQUESTED_WATTS",
)
_RANGE = f"{WINDOW_SECONDS}s"
_TARGET = "job, instance"
_BOARD_NAMES = (*dcgm.POWER, *dcgm.INSTANT)
_BOARDS = f'{{__name__=~"{"|".join(_BOARD_NAMES)}"}}'


def _each(function: str, names: Sequence[str]) -> str:
    """Functions drop the name, and series that differ in nothing else would collide in one call."""
    return " or ".join(function.format(name) for name in names)


SPACING = f"max by ({_TARGET}) ({_each('timestamp({})', _REVEALING)})"
"""Over a range it steps from sample to sample, which tells how far they lie apart."""

PRESENT = "present"
UP = "up"
MEASURING = "measuring"
LAST_SCRAPE = "last-scrape"
LAST_SAMPLE = "last-sample"
NOW = "now"
NODE_CLOCK = "node-clock"
KEPLER_NODES = "kepler-nodes"
KEPLER_PODS = "kepler-pods"
BOARDS = "boards"
BUSY = "busy"
LIMITED = "limited"
PERSISTENCE = "persistence"
CHANGES = "changes"
RIVAL_AGENTS = "rival-agents"
RIVAL_LABELS = "rival-labels"
OURS = "ours"

QUESTIONS = {
    PRESENT: f"count by (__name__) ({POWER})",
    UP: "up",
    MEASURING: f"group by ({_TARGET}) (last_over_time({POWER}[1h]))",
    LAST_SCRAPE: f"max by ({_TARGET}) (timestamp(up))",
    LAST_SAMPLE: SPACING,
    NOW: "vector(time())",
    NODE_CLOCK: "node_time_seconds - timestamp(node_time_seconds)",
    KEPLER_NODES: f"group by ({_TARGET}, node_name, zone) ({kepler.NODE_CPU})",
    KEPLER_PODS: f"group by ({_TARGET}) ({kepler.POD_CPU})",
    BOARDS: _BOARDS,
    BUSY: "DCGM_FI_DEV_GPU_UTIL > 0",
    LIMITED: f'{{__name__=~"{"|".join((*LIMITS, "climatik_node_limit_enforced_watts"))}"}}',
    PERSISTENCE: '{__name__=~"DCGM_FI_DEV_PERSISTENCE_MODE|nvidia_smi_persistence_mode"} == 0',
    CHANGES: f"max by ({_TARGET}) ({_each('changes({}[' + _RANGE + '])', (dcgm.ENERGY, *_BOARD_NAMES))})",
    RIVAL_AGENTS: '{__name__=~"dynamo_power_agent_configured_cap_watts|joulie_.+"}',
    RIVAL_LABELS: (
        'kube_node_labels{label_joulie_io_power_profile!=""}'
        ' or kube_pod_annotations{annotation_dynamo_nvidia_com_gpu_power_limit!=""}'
        ' or kube_node_status_capacity{resource=~"power_(intel|amdepyc)_com_.+"} > 0'
    ),
    OURS: "group by (node) (climatik_node_watts)",
}
