"""The services of the replayed day, and what one server of each can serve within its targets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from common.replay.profile import ServingProfile
from common.replay.server import A100_SERVER, Server

MOST_PROMPT_SHARE = 0.6
"""Engines go on decoding while prompts wait: prompts never take all of a server's time."""
_HALVINGS, _ROUNDS = 30, 100


@dataclass(frozen=True)
class ServiceKind:
    """A service whose replicas are servers of eight GPUs.

    Attributes:
        name: Of its Deployment.
        profile: Measured time and draw of prompts and of decode.
        prompt_tokens: Of a mean request.
        output_tokens: Of a mean request.
        priority: Higher comes first where watts are short.
        target_seconds: Between tokens, at most.
        start_target_seconds: That a request waits before its prompt is begun, at most.
        load_seconds: From the start of a replica until it serves.
        server: What a replica is made of.
    """

    name: str
    profile: ServingProfile
    prompt_tokens: float
    output_tokens: float
    priority: int
    target_seconds: float
    start_target_seconds: float
    load_seconds: float
    server: Server = A100_SERVER

    @property
    def most_requests(self) -> float:
        """How many may decode together on a replica: as many as were measured."""
        return float(self.profile.batches[-1])

    @cached_property
    def prompt_seconds(self) -> float:
        """Of a mean prompt at top clocks."""
        return float(self.profile.seconds_for_prompts(np.array([self.prompt_tokens]))[0])

    @cached_property
    def prompt_watts(self) -> float:
        """Of a GPU above idle while it computes prompts at top clocks."""
        return self._above_idle(self.profile.draw_for_prompts(np.array([self.prompt_tokens])))

    def decode_watts(self, batch: float) -> float:
        """Of a GPU above idle while it decodes a batch at top clocks."""
        return self._above_idle(float(np.interp(batch, self.profile.batches, self.profile.token_draw)))

    def _above_idle(self, share: float) -> float:
        return share * self.server.gpu.max_limit_watts - self.server.gpu.idle_watts

    @cached_property
    def capacity(self) -> Capacity:
        """The most that a replica serves at top clocks within its target."""
        low, high = 0.0, MOST_PROMPT_SHARE / self.prompt_seconds
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            keeps = self.at(middle).token_seconds <= self.target_seconds
            low, high = (middle, high) if keeps else (low, middle)
        if not low:
            raise ValueError(f"{self.name}: no load keeps {self.target_seconds} s between tokens")
        return self.at(low)

    def servers_for(self, requests_per_second: float, share: float = 1.0) -> int:
        """Returns how many replicas a load takes if each serves a share of its capacity."""
        return math.ceil(requests_per_second / (share * self.capacity.requests_per_second))

    def at(self, requests_per_second: float) -> Capacity:
        """Returns the steady state of a replica at a rate, by iteration from an empty batch."""
        share, batch, pace = requests_per_second * self.prompt_seconds, 1.0, np.inf
        for _ in range(_ROUNDS):
            step = float(np.interp(batch, self.profile.batches, self.profile.token_seconds))
            pace = step / (1.0 - share)
            wanted = requests_per_second * self.output_tokens * pace
            if wanted > self.most_requests:
                return Capacity(requests_per_second, self.most_requests, np.inf, np.inf)
            batch += 0.5 * (wanted - batch)
        busy = (1.0 - share) * min(1.0, batch)
        gpu = share * self.prompt_watts + busy * self.decode_watts(batch)
        return Capacity(requests_per_second, batch, pace, self.server.idle_watts + self.server.gpus * gpu)


@dataclass(frozen=True)
class Capacity:
    """A steady state of one replica: requests per second, requests at once, time between tokens, watts."""

    requests_per_second: float
    requests: float
    token_seconds: float
    watts: float
