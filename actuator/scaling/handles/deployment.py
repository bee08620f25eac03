"""A bare Deployment: nothing scales it, so its own count is lowered."""

from actuator.scaling.handles.replicas import ReplicasHandle
from common.api.apps import DEPLOYMENTS

DEPLOYMENT = ReplicasHandle(DEPLOYMENTS)
