"""PodDisruptionBudget: how many pods of a kind may be stopped on purpose right now."""

from __future__ import annotations

from common.api.meta import KubeObject, Struct
from common.api.resource import Resource
from common.api.selector import LabelSelector


class DisruptionBudgetSpec(Struct, frozen=True):
    """Whose pods; without a selector, nobody's."""

    selector: LabelSelector | None = None


class DisruptionBudgetStatus(Struct, frozen=True):
    """What the disruption controller allows now."""

    disruptions_allowed: int = 0
    observed_generation: int = 0


class PodDisruptionBudget(KubeObject, frozen=True):
    """A PodDisruptionBudget."""

    spec: DisruptionBudgetSpec = DisruptionBudgetSpec()
    status: DisruptionBudgetStatus = DisruptionBudgetStatus()


DISRUPTION_BUDGETS = Resource(
    kind="PodDisruptionBudget",
    plural="poddisruptionbudgets",
    type=PodDisruptionBudget,
    group="policy",
    namespaced=True,
)
