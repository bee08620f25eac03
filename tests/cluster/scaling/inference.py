"""Services that serve tokens: what vLLM and the DCGM exporter tell of their pods, as these come and go."""

from __future__ import annotations

import threading
import time

from common.api.core import Pod
from common.kube.informer import Informer
from tests.cluster.recommender.exposition import Exposition

MOST_TOKENS = 300.0
"""Per second and replica, at 100 ms between tokens."""
IDLE_WATTS, JOULES_PER_TOKEN = 100.0, 0.5
FULL_WATTS = IDLE_WATTS + JOULES_PER_TOKEN * MOST_TOKENS
_STEP_SECONDS, _REQUEST_SECONDS = 0.02, 0.0027


class Inference(Exposition):
    """Shares each service's demand out over its pods, as far as they can serve it.

    Attributes:
        demand: Tokens per second that users ask of each service.
    """

    def __init__(self, pods: Informer[Pod], node: str, demand: dict[str, float]) -> None:
        self.demand = demand
        self._pods = pods
        self._node = node
        self._totals: dict[str, float] = {}
        self._at = time.monotonic()
        self._lock = threading.Lock()
        super().__init__()

    def watts(self) -> float:
        """Returns the true draw of all pods now."""
        return sum(IDLE_WATTS + JOULES_PER_TOKEN * tokens for _, _, tokens in self._served())

    @property
    def text(self) -> str:
        with self._lock:
            now = time.monotonic()
            seconds, self._at = now - self._at, now
            lines = ["# pods as they are"]
            for number, (app, pod, tokens) in enumerate(self._served()):
                name = pod.metadata.name
                self._totals[name] = self._totals.get(name, 0.0) + tokens * seconds
                lines += self._lines(number, name, pod.namespace, app, tokens)
            return "\n".join(lines) + "\n"

    @text.setter
    def text(self, _: str) -> None:
        """What is served follows from the pods."""

    def _served(self) -> list[tuple[str, Pod, float]]:
        running = [pod for pod in self._pods.items() if pod.status.phase == "Running"]
        apps = [pod.metadata.labels.get("app", "") for pod in running]
        return [
            (app, pod, min(MOST_TOKENS, self.demand.get(app, 0.0) / apps.count(app)))
            for app, pod in zip(apps, running, strict=True)
        ]

    def _lines(self, number: int, pod: str, namespace: str, app: str, tokens: float) -> list[str]:
        of = f'namespace="{namespace}",pod="{pod}"'
        requests = max(1.0, _STEP_SECONDS * tokens / (1.0 - _REQUEST_SECONDS * tokens))
        waiting = requests * max(0.0, self.demand[app] / (MOST_TOKENS * self._count(app)) - 1.0)
        gpu = f'UUID="GPU-{pod}",gpu="{number}",Hostname="{self._node}",container="main"'
        return [
            f'vllm:generation_tokens_total{{{of},model_name="m"}} {self._totals[pod]}',
            f'vllm:num_requests_running{{{of},model_name="m"}} {requests}',
            f'vllm:num_requests_waiting{{{of},model_name="m"}} {waiting}',
            f"DCGM_FI_DEV_POWER_USAGE{{{gpu},{of}}} {IDLE_WATTS + JOULES_PER_TOKEN * tokens}",
        ]

    def _count(self, app: str) -> int:
        return max(1, sum(one == app for one, _, _ in self._served()))
