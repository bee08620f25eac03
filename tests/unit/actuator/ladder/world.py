"""A cluster in memory for the conductor: pods that draw watts, a record, evictions; and a hand that kills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from prometheus_client import CollectorRegistry

from actuator.audit.keeper import RecordKeeper
from actuator.audit.metrics import LadderMetrics
from actuator.audit.teller import Teller
from actuator.conductor import Conductor, Tools
from actuator.config import ActuatorSettings
from actuator.input.picture import Picture
from actuator.levers.registry import levers
from common.api.core import Container, Pod, PodCondition, PodSpec, PodStatus, ResourceRequirements
from common.api.decisions import Record, RecordMap, decode_record
from common.api.disruption import PodDisruptionBudget
from common.api.meta import Condition, ObjectMeta, OwnerReference
from common.api.policy import PolicySpec, PowerCappingPolicy, UpdatePolicy
from common.domains.tree import build_tree
from common.kube.errors import Conflict, NotFound, Status, StatusCause, StatusDetails, TooManyRequests
from common.webhook.registration import WebhookConfiguration
from tests.unit.actuator.advice import FRESH, row, said
from tests.unit.actuator.killing import Killable

BEGAN = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
CAP, POD_WATTS = 250, 100


class World(Killable):
    """Store, clock and client in one; ``kill`` is asked before and after each write, by its number."""

    def __init__(
        self, pods: int = 5, kill: Callable[[int, bool], bool] = lambda _number, _landed: False
    ) -> None:
        super().__init__(kill)
        self.seconds = 0.0
        self.evictions: list[float] = []
        self.refusing_budget = False
        self.budgets: list[PodDisruptionBudget] = []
        self.webhook_problem = ""
        self.annotations: dict[str, str] = {}
        self.mode = "Auto"
        self.cap = CAP
        self.least = 1
        self.copies: dict[str, Pod] | None = None
        """What the local copies show, where they lag."""
        self.live: dict[str, Pod] = {f"p{number}": _pod(f"p{number}") for number in range(pods)}
        self._record: RecordMap | None = None
        self._version = 0

    # The clock, and what else a client offers.
    server_clock_offset_seconds = 0.0

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    # The API server.
    async def get(self, resource: Any, name: str, namespace: str = "") -> RecordMap:
        if self._record is None:
            raise NotFound(Status(code=404, reason="NotFound"))
        return self._record

    async def create(self, resource: Any, body: dict[str, Any], namespace: str = "") -> RecordMap:
        return await self.written(lambda: self._store({}))

    async def replace(self, resource: Any, body: dict[str, Any]) -> RecordMap:
        if body["metadata"]["resourceVersion"] != str(self._version):
            raise Conflict(Status(code=409, reason="Conflict"))
        return await self.written(lambda: self._store(body["data"]))

    async def request(
        self, method: str, path: str, *, body: dict[str, Any], deadline_seconds: float
    ) -> bytes:
        name = path.split("/")[-2]
        if name not in self.live:
            raise NotFound(Status(code=404, reason="NotFound"))
        if self.refusing_budget:
            details = StatusDetails(causes=[StatusCause(reason="DisruptionBudget", message="no")])
            raise TooManyRequests(Status(code=429, reason="TooManyRequests", details=details))
        assert body["deleteOptions"]["preconditions"]["uid"] == self.live[name].metadata.uid
        return await self.written(lambda: self._evict(name))

    def _store(self, data: dict[str, str]) -> RecordMap:
        self._version += 1
        meta = ObjectMeta(name="climatik-decisions", namespace="home", resource_version=str(self._version))
        self._record = RecordMap(metadata=meta, data=data)
        return self._record

    def _evict(self, name: str) -> bytes:
        del self.live[name]
        self.evictions.append(self.seconds)
        return b"{}"

    # The local copies.
    synced = True

    def need(self) -> None:
        pass

    def picture(self) -> Picture:
        return Picture({}, {}, {}, (), (self._policy(),), build_tree([], {}))

    def _shown(self) -> dict[str, Pod]:
        return self.live if self.copies is None else self.copies

    def pods_in(self, namespace: str) -> list[Pod]:
        return list(self._shown().values())

    def pods_on(self, node: str) -> list[Pod]:
        return list(self._shown().values())

    def pod(self, name: str, namespace: str) -> Pod | None:
        return self._shown().get(name)

    def budgets_in(self, namespace: str) -> list[PodDisruptionBudget]:
        return self.budgets

    def webhook(self) -> WebhookConfiguration:
        return WebhookConfiguration(webhooks=[{}])

    # What tests look at.
    @property
    def draw(self) -> int:
        return POD_WATTS * len(self.live)

    def record(self) -> Record:
        return decode_record(self._record) if self._record else Record()

    def most_in_any_window(self, seconds: float) -> int:
        return max(
            (sum(at <= other < at + seconds for other in self.evictions) for at in self.evictions), default=0
        )

    def new_pod(self, name: str) -> Pod:
        return _pod(name)

    def _policy(self) -> PowerCappingPolicy:
        acting = Condition(
            type="Acting", status="True", reason="On", last_transition_time="2025-01-01T00:00:00Z"
        )
        return PowerCappingPolicy(
            metadata=ObjectMeta(
                name="cap",
                namespace="llm",
                annotations=self.annotations,
                creation_timestamp="2025-01-01T00:00:00Z",
            ),
            spec=PolicySpec(
                update_policy=UpdatePolicy(update_mode=self.mode, levers=["Evict"], min_replicas=self.least)
            ),
            status=said(
                self.now(),
                (self.draw, self.cap),
                [row("Deployment/web", POD_WATTS)],
                pods=len(self.live),
                conditions=[FRESH, acting],
            ),
        )


def conductor(world: World, **settings: Any) -> Conductor:
    """A leader that begins its term now."""
    chosen = ActuatorSettings(**{"warm_up_seconds": 0.0, "namespace": "home", **settings})
    metrics = LadderMetrics(CollectorRegistry())
    silent = SimpleNamespace(event=lambda *_: None)
    client: Any = world
    tools = Tools(
        client=client,
        sources=client,
        workloads=client,
        keeper=RecordKeeper(client, "home"),
        levers=levers(client, lambda: True),
        teller=Teller(silent, metrics),  # type: ignore[arg-type]
        metrics=metrics,
        clock=world,
    )
    return Conductor(tools, chosen)


def verdicts(world: World) -> Counter[str]:
    return Counter(one.verdict for one in world.record().decisions if one.target)


def _pod(name: str) -> Pod:
    watts = ResourceRequirements(requests={"climatik.io/watts": "100"})
    owner = OwnerReference(kind="ReplicaSet", name="web-abc", controller=True)
    return Pod(
        metadata=ObjectMeta(
            name=name, namespace="llm", uid=f"uid-{name}", owner_references=[owner],
            labels={"pod-template-hash": "abc"}, annotations={"climatik.io/policy": "cap"},
            creation_timestamp="2025-06-01T00:00:00Z",
        ),
        spec=PodSpec(node_name="n", containers=[Container(name="c", resources=watts)]),
        status=PodStatus(
            phase="Running", start_time="2025-06-01T00:00:00Z",
            conditions=[PodCondition(type="Ready", status="True")],
        ),
    )  # fmt: skip
