"""A bare StatefulSet: its own count is lowered; the pods of the highest ordinals go."""

from actuator.scaling.handles.replicas import ReplicasHandle
from common.api.apps import STATEFUL_SETS

STATEFUL_SET = ReplicasHandle(STATEFUL_SETS)
