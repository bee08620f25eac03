"""A HorizontalPodAutoscaler that nobody else made: its ``maxReplicas`` is lowered."""

from actuator.scaling.handles.maximum import MaximumHandle
from common.api.autoscaling import HPAS

HPA = MaximumHandle(HPAS, maximum="/spec/maxReplicas", minimum="/spec/minReplicas")
