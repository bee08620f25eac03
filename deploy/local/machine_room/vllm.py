"""Telemetry of the model servers in vLLM's dialect."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from common.twin.histogram import FluidHistogram
from common.twin.serving import ServingReplica
from deploy.local.machine_room.exposition import family, label_text, number
from deploy.local.machine_room.room import MachineRoom
from deploy.local.machine_room.tenant import Tenant

_Replicas = list[tuple[Mapping[str, str], ServingReplica]]

_FAMILIES: tuple[tuple[str, str, str, Callable[[ServingReplica], float]], ...] = (
    (
        "vllm:num_requests_running",
        "gauge",
        "Number of requests in model execution batches.",
        lambda replica: round(replica.requests_running),
    ),
    (
        "vllm:num_requests_waiting",
        "gauge",
        "Number of requests waiting to be processed.",
        lambda replica: round(replica.requests_waiting),
    ),
    (
        "vllm:kv_cache_usage_perc",
        "gauge",
        "KV-cache usage. 1 means 100 percent usage.",
        lambda replica: round(replica.kv_cache_usage, 4),
    ),
    (
        "vllm:prompt_tokens_total",
        "counter",
        "Number of prefill tokens processed.",
        lambda replica: math.floor(replica.prompt_tokens_total),
    ),
    (
        "vllm:generation_tokens_total",
        "counter",
        "Number of generation tokens processed.",
        lambda replica: math.floor(replica.generation_tokens_total),
    ),
)
_HISTOGRAMS: tuple[tuple[str, str, Callable[[ServingReplica], FluidHistogram]], ...] = (
    (
        "vllm:time_to_first_token_seconds",
        "Histogram of time to first token in seconds.",
        lambda replica: replica.time_to_first_token,
    ),
    (
        "vllm:inter_token_latency_seconds",
        "Histogram of inter-token latency in seconds.",
        lambda replica: replica.inter_token_latency,
    ),
)


def render_vllm(room: MachineRoom) -> str:
    """Renders every replica that serves."""
    replicas = [(_labels(tenant), tenant.replica) for tenant in room.tenants.values() if tenant.is_serving]
    plain = [
        family(name, kind, text, [(labels, value(replica)) for labels, replica in replicas])
        for name, kind, text, value in _FAMILIES
    ]
    return "".join([*plain, *(_histogram(name, text, of, replicas) for name, text, of in _HISTOGRAMS)])


def _labels(tenant: Tenant) -> Mapping[str, str]:
    pod = tenant.pod
    return {"model_name": pod.model, "engine": "0", "namespace": pod.namespace, "pod": pod.name}


def _histogram(
    name: str, text: str, of: Callable[[ServingReplica], FluidHistogram], replicas: _Replicas
) -> str:
    lines = [f"# HELP {name} {text}", f"# TYPE {name} histogram"]
    for labels, replica in replicas:
        histogram = of(replica)
        count = 0
        for bound, events in histogram.cumulative():
            count = math.floor(events)
            le = "+Inf" if math.isinf(bound) else number(bound)
            lines.append(f"{name}_bucket{label_text({**labels, 'le': le})} {count}")
        lines.append(f"{name}_sum{label_text(labels)} {number(histogram.sum)}")
        lines.append(f"{name}_count{label_text(labels)} {count}")
    return "\n".join(lines) + "\n"
