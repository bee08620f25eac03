"""A row of servers under load, stepped through time: queues, batches, draw and latencies.

Prompts go before decode on each server and in order; all requests that decode on a server share its batch
and get tokens at the same pace. So two rising counters per server (seconds of prompts worked off, tokens per
sequence) say when a request is done: when the counter passes its mark. Within a step both rise evenly, so
that latencies are exact to far less than a step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.replay.load import Indices, Requests
from common.replay.profile import Floats, ServingProfile
from common.replay.server import PhaseTable, Server

UNLIMITED = np.inf
_NEARLY = 1e-9


@dataclass(frozen=True)
class Limits:
    """What the devices of each server are set to.

    Attributes:
        watts: Limit of the server: its GPUs share what the rest leaves; infinite for none.
        clock: Highest clock in MHz; infinite for none.
    """

    watts: Floats
    clock: Floats

    @classmethod
    def none(cls, servers: int) -> Limits:
        """Returns no limits."""
        return cls(np.full(servers, UNLIMITED), np.full(servers, UNLIMITED))


@dataclass(frozen=True)
class _Ended:
    """Requests whose prompts ended in a step, and since which part of the step."""

    request: Indices
    since: Floats


class Row:
    """The servers, and every request with the time at which it was done (NaN until then).

    Args:
        server: What each is made of.
        profile: What serving costs.
        requests: What is asked.
        ramp: Share of a start's rise that is drawn after 0, 1, 2 … seconds.
    """

    def __init__(self, server: Server, profile: ServingProfile, requests: Requests, ramp: Floats) -> None:
        self._server = server
        self._profile = profile
        self._requests = requests
        self._ramp = ramp
        count = len(requests.started)
        work = profile.seconds_for_prompts(requests.prompt_tokens)
        self._work = work
        self._prompt_mark = _running_sums(work, requests.server, count)
        self._prompt_draw = _draw_watts(server, profile.draw_for_prompts(requests.prompt_tokens))
        self._asked = np.zeros(count)
        self._worked = np.zeros(count)
        self._paced = np.zeros(count)
        self._batch = np.zeros(count)
        self._token_mark = np.zeros(len(work))
        self._waiting: Indices = np.zeros(0, dtype=np.int64)
        self._running: Indices = np.zeros(0, dtype=np.int64)
        self._next = 0
        self.tokens = np.zeros(count)
        self.done_at = np.full(len(work), np.nan)

    @property
    def idle_watts(self) -> Floats:
        """Draw of each server without load."""
        return np.full(len(self._asked), self._server.idle_watts)

    def step(self, now: float, dt: float, limits: Limits) -> Floats:
        """Serves for ``dt`` seconds and returns the mean draw of each server in watts."""
        self._arrive(now)
        gpu_watts = (limits.watts - self._server.rest_watts) / self._server.gpus
        above_idle = gpu_watts - self._server.gpu.idle_watts
        decode_draw = self._decode_draw()
        prompt_draw = np.full_like(decode_draw, self._prompt_draw)
        prompt = _phase(self._server.prompts, above_idle, prompt_draw, limits)
        decode = _phase(self._server.decode, above_idle, decode_draw, limits)
        share = np.minimum(1.0, (self._asked - self._worked) * prompt[1] / dt)
        ended = self._work_off(share * dt / prompt[1])
        batch = np.where(self._batch > 0, self._batch, self._counted(ended.request))
        decodes = (batch > 0) * (1.0 - share)
        pace = np.interp(batch, self._profile.batches, self._profile.token_seconds) * decode[1]
        paced = decodes * dt / pace
        self.tokens += paced * batch
        self._start_decode(ended, paced)
        self._end_requests(now + dt, np.where(self._batch > 0, dt, decodes * dt), paced)
        above = (share * prompt[0] + decodes * decode[0]) * self._starting(now)
        return self.idle_watts + self._server.gpus * above

    def _arrive(self, now: float) -> None:
        last = int(np.searchsorted(self._requests.seconds, now, side="right"))
        if last > self._next:
            new = np.arange(self._next, last)
            self._asked += np.bincount(
                self._requests.server[new], weights=self._work[new], minlength=len(self._asked)
            )
            self._waiting = np.concatenate([self._waiting, new])
            self._next = last

    def _decode_draw(self) -> Floats:
        share = np.interp(self._batch, self._profile.batches, self._profile.token_draw)
        return share * self._server.gpu.max_limit_watts - self._server.gpu.idle_watts

    def _work_off(self, worked: Floats) -> _Ended:
        """Works prompts off and returns the requests whose prompts are done."""
        self._worked += worked
        server = self._requests.server[self._waiting]
        late = self._worked[server] - self._prompt_mark[self._waiting]
        done = late >= -_NEARLY
        ended, at = self._waiting[done], server[done]
        if len(ended):
            self._waiting = self._waiting[~done]
        return _Ended(ended, np.clip(late[done] / np.maximum(worked[at], _NEARLY), 0.0, 1.0))

    def _start_decode(self, ended: _Ended, paced: Floats) -> None:
        """Sets the marks of requests that begin to decode; without a batch that is after all prompts."""
        if len(ended.request):
            at = self._requests.server[ended.request]
            missed = np.where(self._batch[at] > 0, 1.0 - ended.since, 0.0)
            tokens = self._requests.output_tokens[ended.request]
            self._token_mark[ended.request] = self._paced[at] + missed * paced[at] + tokens
            self._running = np.concatenate([self._running, ended.request])
        self._paced += paced

    def _end_requests(self, now: float, lasted: Floats, paced: Floats) -> None:
        """Notes who is done.

        Args:
            now: End of the step.
            lasted: For how long of the step each server decoded.
            paced: Tokens per sequence meanwhile.
        """
        server = self._requests.server[self._running]
        late = self._paced[server] - self._token_mark[self._running]
        done = late >= 0.0
        if done.any():
            ended, at = self._running[done], server[done]
            since = np.clip(late[done] / np.maximum(paced[at], _NEARLY), 0.0, 1.0)
            self.done_at[ended] = now - since * lasted[at]
            self._running = self._running[~done]
        self._batch = self._counted(self._running)

    def _counted(self, requests: Indices) -> Floats:
        """Returns how many of some requests each server has."""
        server = self._requests.server[requests]
        return np.bincount(server, minlength=len(self._batch)).astype(np.float64)

    def _starting(self, now: float) -> Floats:
        """Share of the rise above idle that servers draw while they start."""
        age = now - self._requests.started
        seconds = np.arange(len(self._ramp), dtype=np.float64)
        return np.where((age >= 0) & (age < seconds[-1]), np.interp(age, seconds, self._ramp), 1.0)


def _draw_watts(server: Server, share: float) -> float:
    return share * server.gpu.max_limit_watts - server.gpu.idle_watts


def _phase(table: PhaseTable, above_idle: Floats, draw: Floats, limits: Limits) -> tuple[Floats, Floats]:
    """Returns what a GPU draws above idle in a phase, and how much longer its work takes."""
    clock = table.clock_under(above_idle / draw, limits.clock)
    relative, seconds = table.at(clock)
    return relative * draw, seconds


def _running_sums(work: Floats, server: Indices, count: int) -> Floats:
    """Returns for each request the work of its server up to it, its own included."""
    order = np.argsort(server, kind="stable")
    total = np.cumsum(work[order])
    first = np.searchsorted(server[order], np.arange(count))
    before = np.concatenate([[0.0], total])[first]
    sums = np.empty_like(work)
    sums[order] = total - before[server[order]]
    return sums
