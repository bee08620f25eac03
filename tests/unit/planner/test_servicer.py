"""What clients are answered over a real gRPC connection."""

import asyncio
import threading

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client import CollectorRegistry

from recommender.planner.config import PlannerSettings
from recommender.planner.server import Server
from recommender.planner.servicer import Servicer
from recommender.planner.wire import planner_pb2 as pb
from tests.unit.planner.services import service


class States:
    """States that the test decides; ``held`` keeps the solver busy."""

    def __init__(self, *services):
        self.services = {one.key: one for one in services}
        self.problem = None
        self.free = threading.Event()
        self.free.set()

    def state(self, key):
        self.free.wait(10)
        return self.services.get(key)

    def unready(self):
        return self.problem


@pytest.fixture
async def serve():
    running = []

    async def begin(states, **settings):
        chosen = PlannerSettings(grpc_listen_address="127.0.0.1:0", exact_seconds=0.0, **settings)
        servicer = Servicer(chosen, states, CollectorRegistry())
        server = Server(chosen, servicer)
        await server.start()
        await server.say(serving=True)
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
        running.append((servicer, server, channel))
        return channel

    yield begin
    for servicer, server, channel in running:
        await channel.close()
        await server.stop(0)
        servicer.close()


def ask(channel, names, cap=0.0, method="CalculateOptimalReplicas", timeout=10):
    answers = {
        "CalculateOptimalReplicas": pb.CalculateOptimalReplicasResponse,
        "ExplainPlan": pb.ExplainPlanResponse,
    }
    call = channel.unary_unary(
        f"/Planner/{method}",
        request_serializer=pb.CalculateOptimalReplicasRequest.SerializeToString,
        response_deserializer=answers[method].FromString,
    )
    wanted = [pb.Deployment(name=name, namespace="default") for name in names]
    return call(pb.CalculateOptimalReplicasRequest(deployments=wanted, powerCap=cap), timeout=timeout)


async def test_rows_come_in_the_order_of_the_request_with_watts_under_the_cap(serve):
    channel = await serve(States(service("a"), service("b", tokens_per_second=300.0)))
    response = await ask(channel, ["b", "a"], 3000.0)
    assert [row.name for row in response.deploymentReplicas] == ["b", "a"]
    rows = response.deploymentReplicas
    assert sum(row.optimalReplicas * row.replicaWatts for row in rows) <= 3000.0
    assert rows[1].optimalReplicas > rows[0].optimalReplicas
    assert all(row.reason for row in rows)


async def test_an_unknown_deployment_is_a_problem_beside_the_rows_of_others(serve):
    channel = await serve(States(service("a")))
    response = await ask(channel, ["a", "nobody"])
    assert [row.name for row in response.deploymentReplicas] == ["a"]
    assert [(one.name, "no such Deployment" in one.reason) for one in response.problems] == [("nobody", True)]


@pytest.mark.parametrize(
    ("what", "names", "cap", "code"),
    [
        ("a cap that is no number", ["a"], float("nan"), grpc.StatusCode.INVALID_ARGUMENT),
        ("a negative cap", ["a"], -5.0, grpc.StatusCode.INVALID_ARGUMENT),
        ("a cap below every minimum", ["a"], 10.0, grpc.StatusCode.FAILED_PRECONDITION),
        ("only unknown deployments", ["x", "y"], 0.0, grpc.StatusCode.NOT_FOUND),
        ("a deployment without a name", [""], 0.0, grpc.StatusCode.INVALID_ARGUMENT),
        ("too many deployments", [f"d{i}" for i in range(11)], 0.0, grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_refuses(serve, what, names, cap, code):
    channel = await serve(States(service("a")), most_deployments=10)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await ask(channel, names, cap)
    assert refused.value.code() == code, what
    assert refused.value.details()


async def test_without_caches_it_is_unavailable(serve):
    states = States(service("a"))
    states.problem = "waiting for the first list"
    channel = await serve(states)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await ask(channel, ["a"])
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE


async def test_more_requests_than_may_wait_are_refused_and_health_still_answers(serve):
    states = States(service("a"))
    states.free.clear()
    channel = await serve(states, most_waiting=2)
    calls = [ask(channel, ["a"]) for _ in range(4)]
    done, waiting = await asyncio.wait(
        [asyncio.ensure_future(one) for one in calls], timeout=5, return_when="FIRST_EXCEPTION"
    )
    stub = health_pb2_grpc.HealthStub(channel)
    reply = await stub.Check(health_pb2.HealthCheckRequest(service="Planner"), timeout=5)
    assert reply.status == health_pb2.HealthCheckResponse.SERVING
    states.free.set()
    results = await asyncio.gather(*done, *waiting, return_exceptions=True)
    refused = [one for one in results if isinstance(one, grpc.aio.AioRpcError)]
    assert [one.code() for one in refused] == [grpc.StatusCode.RESOURCE_EXHAUSTED] * 2


async def test_a_deadline_is_kept(serve):
    states = States(service("a"))
    states.free.clear()
    channel = await serve(states)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await ask(channel, ["a"], timeout=0.2)
    states.free.set()
    assert refused.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED


async def test_thousands_of_deployments_are_planned(serve):
    many = [service(f"d{i}", tokens_per_second=100.0 + i) for i in range(2000)]
    channel = await serve(States(*many))
    response = await ask(channel, [one.key.name for one in many], 1_500_000.0, timeout=30)
    assert len(response.deploymentReplicas) == 2000
    assert response.plannedWatts <= 1_500_000.0


async def test_explains_with_all_options_and_the_chosen_one(serve):
    channel = await serve(States(service("a")))
    response = await ask(channel, ["a"], method="ExplainPlan")
    options = response.options[0].options
    assert len(options) > 5
    chosen = [one for one in options if one.chosen]
    assert [one.replicas for one in chosen] == [response.plan.deploymentReplicas[0].optimalReplicas]
