"""The load of inference servers: requests, tokens and latencies, of either generation of vLLM's names."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from common.telemetry.columns import Floats, Labels, Vector
from common.telemetry.dialects.counters import WINDOW
from common.telemetry.dialects.dialect import first_label
from common.telemetry.prometheus import PowerQueries
from common.telemetry.scrape_labels import OwnLabels, own_labels

_RUNNING = "vllm:num_requests_running"
_WAITING = "vllm:num_requests_waiting"
_CACHE = ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc")
_GENERATED = "vllm:generation_tokens_total"
_PROMPT = "vllm:prompt_tokens_total"
_FINISHED = "vllm:request_success_total"
_TO_FIRST = "vllm:time_to_first_token_seconds"
_BETWEEN = ("vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds")


class Server(NamedTuple):
    """Whose load a row is: a pod and the model that it serves."""

    namespace: str
    pod: str
    model: str


@dataclass(frozen=True)
class LoadTable:
    """Columns of equal length, one row per pod and model; NaN where a server does not tell.

    Attributes:
        servers: Pod and model of each row.
        running: Requests in the batch.
        waiting: Requests in the queue.
        cache_ratio: Share of the KV cache that is used, 0 … 1.
        generated_per_second: Tokens out.
        prompt_per_second: Tokens in.
        first_token_seconds: Mean over the window; NaN without a request in it.
        next_token_seconds: Mean between tokens over the window; NaN without any.
        age_seconds: Since the sample of ``running``.
        requests_per_second: Requests finished, for whatever reason.
    """

    servers: tuple[Server, ...]
    running: Floats
    waiting: Floats
    cache_ratio: Floats
    generated_per_second: Floats
    prompt_per_second: Floats
    first_token_seconds: Floats
    next_token_seconds: Floats
    age_seconds: Floats
    requests_per_second: Floats = field(default_factory=lambda: np.zeros(0))

    def __len__(self) -> int:
        return len(self.servers)


async def read_load(prometheus: PowerQueries, at: float) -> LoadTable:
    """Asks once per quantity for the whole cluster; no inference servers make an empty table.

    Engines of one pod (label ``engine``) are added up; of shares and latencies the highest counts.

    Raises:
        TelemetryError: Any of the questions failed.
    """
    sums = (
        _RUNNING, _WAITING, _counter_rate(_GENERATED), _counter_rate(_PROMPT), _counter_rate(_FINISHED)
    )  # fmt: skip
    peaks = (" or ".join(_CACHE), _mean(_TO_FIRST), _newer(_mean(each) for each in _BETWEEN))
    questions = (*sums, *peaks, f"{at:.3f} - timestamp({_RUNNING})")
    answers = await asyncio.gather(*(prometheus.query(each, at=at) for each in questions))
    servers = tuple(sorted({_server(labels) for labels in answers[0].labels}))
    running, waiting, generated, prompt, finished = (_column(servers, each, add=True) for each in answers[:5])
    cache, first, following, age = (_column(servers, each, add=False) for each in answers[5:])
    return LoadTable(servers, running, waiting, cache, generated, prompt, first, following, age, finished)


def _counter_rate(series: str) -> str:
    return f"irate({series}[{WINDOW}])"


def _mean(histogram: str) -> str:
    """Returns seconds per event; 0/0 is NaN. The window cancels out, so its fill does not matter."""
    return f"rate({histogram}_sum[{WINDOW}]) / rate({histogram}_count[{WINDOW}])"


def _newer(expressions: Iterable[str]) -> str:
    """Versions in between export a quantity under both names: the newer one counts."""
    return " or ".join(f"({each})" for each in expressions)


def _column(servers: Sequence[Server], answer: Vector, *, add: bool) -> Floats:
    """Combines the series of each server; one that two jobs scrape counts once."""
    values: dict[Server, dict[OwnLabels, float]] = defaultdict(dict)
    for labels, value in zip(answer.labels, answer.values.tolist(), strict=True):
        if np.isfinite(value) and value >= 0:
            values[_server(labels)][own_labels(labels)] = value
    combine = sum if add else max
    return np.array(
        [combine(values[each].values()) if each in values else np.nan for each in servers], dtype=float
    )


def _server(labels: Labels) -> Server:
    return Server(
        first_label(labels, "exported_namespace", "namespace"),
        first_label(labels, "exported_pod", "pod"),
        labels.get("model_name", ""),
    )
