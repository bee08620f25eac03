"""Services to plan for."""

from common.models.serving import ReplicaModel
from recommender.planner.service_state import ServiceKey, ServiceState

MODEL = ReplicaModel(
    step_seconds=0.02,
    request_seconds=0.001,
    idle_watts=200.0,
    joules_per_token=1.0,
    most_requests=64.0,
    upper_factor=1.1,
)
"""Serves 640 tokens/s at 0.1 s between tokens: 64 requests at once."""


def service(name="chat", **changes):
    values = {
        "key": ServiceKey("default", name),
        "replicas": 2,
        "least_replicas": 1,
        "most_replicas": 20,
        "priority": 0,
        "target_seconds": 0.1,
        "tokens_per_second": 2000.0,
        "model": MODEL,
        "nameplate_watts": 800.0,
    }
    return ServiceState(**{**values, **changes})
