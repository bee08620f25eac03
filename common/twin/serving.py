"""A replica that serves a language model: requests in; GPU load, queue, tokens and latencies out."""

from __future__ import annotations

from typing import NamedTuple

from common.twin.gpu_model import IDLE, Load
from common.twin.histogram import FluidHistogram
from common.twin.served_model import ServedModel

TIME_TO_FIRST_TOKEN_BOUNDS = (
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0,
    80.0, 160.0, 640.0, 2560.0,
)  # fmt: skip
INTER_TOKEN_LATENCY_BOUNDS = (
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0,
)  # fmt: skip
"""Bucket bounds, in seconds, as vLLM exports them."""

_MOST_PREFILL_SHARE = 0.6
"""Engines keep decoding while prompts wait: chunks of prefill never take all of a step."""
_OVERHEAD_SECONDS = 0.015


class Demand(NamedTuple):
    """What arrives at one replica: requests per second, and tokens of a mean request."""

    requests_per_second: float
    prompt_tokens: float
    output_tokens: float


class ServingReplica:
    """A fluid model of continuous batching: fractions of requests flow from waiting to running to done.

    All is deterministic; call ``step`` at least ten times a second. Counters only rise.
    """

    def __init__(self, model: ServedModel) -> None:
        self.model = model
        self.requests_waiting = 0.0
        self.requests_running = 0.0
        self.kv_cache_usage = 0.0
        self.prompt_tokens_total = 0.0
        self.generation_tokens_total = 0.0
        self.requests_total = 0.0
        self.time_to_first_token = FluidHistogram(TIME_TO_FIRST_TOKEN_BOUNDS)
        self.inter_token_latency = FluidHistogram(INTER_TOKEN_LATENCY_BOUNDS)
        self._last_demand = Demand(0.0, 512.0, 128.0)

    def step(self, demand: Demand, speeds: tuple[float, float], dt: float) -> Load:
        """Serves for ``dt`` seconds and returns the load on each GPU of the replica.

        ``speeds`` are the present speeds of compute-bound and memory-bound kernels, relative to top clocks.
        """
        if demand.requests_per_second > 0.0:
            self._last_demand = demand
        self.requests_waiting += demand.requests_per_second * dt
        mix = self._last_demand
        prefill_share = self._prefill(mix, speeds[0], dt)
        load = self._decode(mix, speeds, prefill_share, dt)
        tokens_held = self.requests_running * (mix.prompt_tokens + mix.output_tokens / 2.0)
        self.kv_cache_usage = min(1.0, tokens_held / self.model.kv_cache_tokens)
        return load

    def _prefill(self, mix: Demand, compute_speed: float, dt: float) -> float:
        """Admits waiting requests; returns the share of time that their prompts took."""
        prompt_seconds = mix.prompt_tokens / (self.model.prefill_tokens_per_second * compute_speed)
        room = self._batch_limit(mix) - self.requests_running
        admitted = max(0.0, min(self.requests_waiting, room, _MOST_PREFILL_SHARE * dt / prompt_seconds))
        if admitted <= 0.0:
            return 0.0
        queued_seconds = (self.requests_waiting / admitted - 1.0) * dt
        self.time_to_first_token.observe(_OVERHEAD_SECONDS + queued_seconds + prompt_seconds, admitted)
        self.requests_waiting -= admitted
        self.requests_running += admitted
        self.prompt_tokens_total += admitted * mix.prompt_tokens
        return admitted * prompt_seconds / dt

    def _decode(self, mix: Demand, speeds: tuple[float, float], prefill_share: float, dt: float) -> Load:
        """Generates tokens in the time that prefill left; returns the load of both."""
        if self.requests_running < 1e-6:
            return Load(prefill_share, 0.0) if prefill_share else IDLE
        batch = max(1.0, self.requests_running)
        memory_seconds = (self.model.weights_seconds + batch * self.model.attention_seconds) / speeds[1]
        compute_seconds = batch * self.model.sequence_seconds / speeds[0]
        token_seconds = (memory_seconds + compute_seconds) / (1.0 - prefill_share)
        tokens = min(self.requests_running * dt / token_seconds, self.requests_running * mix.output_tokens)
        self.inter_token_latency.observe(token_seconds, tokens)
        self.generation_tokens_total += tokens
        completed = tokens / mix.output_tokens
        decode_share = (1.0 - prefill_share) * min(1.0, self.requests_running)
        self.requests_running -= completed
        self.requests_total += completed
        compute_part = decode_share * compute_seconds / (memory_seconds + compute_seconds)
        return Load(prefill_share + compute_part, decode_share - compute_part)

    def _batch_limit(self, mix: Demand) -> float:
        tokens_each = mix.prompt_tokens + mix.output_tokens
        return min(float(self.model.max_sequences), self.model.kv_cache_tokens / tokens_each)
