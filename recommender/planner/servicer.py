"""The gRPC methods: what is asked is checked, planned in a thread, and answered."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn, Protocol

import grpc
from prometheus_client import CollectorRegistry, Counter, Histogram

from recommender.planner.answers import answer, explanation
from recommender.planner.config import PlanSettings, weights_of
from recommender.planner.plan import CapTooLowError, Plan, make_plan
from recommender.planner.service_state import ServiceKey, ServiceState, Weights
from recommender.planner.wire import planner_pb2 as pb

SERVICE = "Planner"
_DEFAULT_NAMESPACE = "default"


class States(Protocol):
    """Where states come from."""

    def state(self, key: ServiceKey) -> ServiceState | None:
        """Returns the state of a service; None for one that is not there."""
        ...

    def unready(self) -> str | None:
        """Says why nothing can be answered yet; None when all is well."""
        ...


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """A request that cannot be answered: the status code and the text for the client."""

    def __init__(self, code: grpc.StatusCode, text: str) -> None:
        super().__init__(text)
        self.code = code


class Servicer:
    """Answers both methods; one plan is made at a time, so that a plan never waits for two."""

    def __init__(
        self, settings: PlanSettings, states: States, registry: CollectorRegistry,
        weights: Callable[[], Weights] | None = None,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._states = states
        self._waiting = 0
        self._solver = ThreadPoolExecutor(max_workers=1, thread_name_prefix="solver")
        self._weights = weights or (lambda: weights_of(settings))
        self._answers = Counter(
            "climatik_planner_answers", "Requests answered, by method and status code.", ["method", "code"],
            registry=registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "climatik_planner_plan_seconds", "From request to plan, waiting included.", registry=registry
        )

    def close(self) -> None:
        """Lets the solver's thread end."""
        self._solver.shutdown(wait=False, cancel_futures=True)

    def handler(self) -> grpc.GenericRpcHandler:
        """Returns the service for a gRPC server."""
        methods: dict[str, tuple[Callable[..., Awaitable[Any]], Any]] = {
            "CalculateOptimalReplicas": (self.calculate, pb.CalculateOptimalReplicasResponse),
            "ExplainPlan": (self.explain, pb.ExplainPlanResponse),
        }
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                name: grpc.unary_unary_rpc_method_handler(
                    self._counted(name, method),
                    request_deserializer=pb.CalculateOptimalReplicasRequest.FromString,
                    response_serializer=response.SerializeToString,
                )
                for name, (method, response) in methods.items()
            },
        )

    async def calculate(
        self, request: pb.CalculateOptimalReplicasRequest, remaining_seconds: float | None
    ) -> pb.CalculateOptimalReplicasResponse:
        """Plans; raises Refusal."""
        plan, unknown = await self._plan(request, remaining_seconds)
        return answer(plan, unknown, self._weights())

    async def explain(
        self, request: pb.CalculateOptimalReplicasRequest, remaining_seconds: float | None
    ) -> pb.ExplainPlanResponse:
        """Plans, and tells all options; raises Refusal."""
        plan, unknown = await self._plan(request, remaining_seconds)
        return explanation(plan, unknown, self._weights())

    def _counted(self, name: str, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(request: pb.CalculateOptimalReplicasRequest, context: grpc.aio.ServicerContext) -> Any:
            try:
                with self._seconds.time():
                    response = await method(request, context.time_remaining())
            except Refusal as refusal:
                self._answers.labels(name, refusal.code.name).inc()
                await context.abort(refusal.code, str(refusal))
            self._answers.labels(name, grpc.StatusCode.OK.name).inc()
            return response

        return call

    async def _plan(
        self, request: pb.CalculateOptimalReplicasRequest, remaining_seconds: float | None
    ) -> tuple[Plan, Sequence[ServiceKey]]:
        cap = _cap(request.powerCap, self._settings.cap_watts)
        keys = self._keys(request)
        if (problem := self._states.unready()) is not None:
            _refuse(grpc.StatusCode.UNAVAILABLE, problem)
        if self._waiting >= self._settings.most_waiting:
            _refuse(
                grpc.StatusCode.RESOURCE_EXHAUSTED, f"{self._waiting} plans are waited for: ask again later"
            )
        exact = self._settings.exact_seconds
        seconds = exact if remaining_seconds is None else min(exact, remaining_seconds / 2)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._solver, self._make, keys, cap, seconds)
        except CapTooLowError as error:
            _refuse(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        finally:
            self._waiting -= 1

    def _keys(self, request: pb.CalculateOptimalReplicasRequest) -> list[ServiceKey]:
        most = self._settings.most_deployments
        if len(request.deployments) > most:
            _refuse(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"deployments: {len(request.deployments)} are more than {most}: ask in parts",
            )
        keys = [ServiceKey(one.namespace or _DEFAULT_NAMESPACE, one.name) for one in request.deployments]
        if any(not key.name for key in keys):
            _refuse(grpc.StatusCode.INVALID_ARGUMENT, "deployments: every one needs a name")
        return list(dict.fromkeys(keys))

    def _make(
        self, keys: Sequence[ServiceKey], cap_watts: float, exact_seconds: float
    ) -> tuple[Plan, list[ServiceKey]]:
        states = {key: self._states.state(key) for key in keys}
        known = [state for state in states.values() if state is not None]
        unknown = [key for key, state in states.items() if state is None]
        if unknown and not known:
            _refuse(grpc.StatusCode.NOT_FOUND, f"no such Deployment: {', '.join(map('/'.join, unknown[:5]))}")
        return make_plan(known, cap_watts, self._weights(), exact_seconds=exact_seconds), unknown


def _cap(asked_watts: float, own_watts: float) -> float:
    if math.isnan(asked_watts) or asked_watts < 0:
        _refuse(grpc.StatusCode.INVALID_ARGUMENT, f"powerCap: {asked_watts} is no number of watts above 0")
    return asked_watts or own_watts or math.inf


def _refuse(code: grpc.StatusCode, text: str) -> NoReturn:
    raise Refusal(code, text)
