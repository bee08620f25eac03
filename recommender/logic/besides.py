"""What a policy's status says besides the watts: pods that nobody measures, and energy per unit of work."""

from __future__ import annotations

from typing import TypedDict

from msgspec import UNSET, UnsetType

from recommender.logic.facts import PolicyFacts

_MILLIJOULES = 1000.0


class Besides(TypedDict):
    """Fields of ``currentPower``; unset where nothing is known."""

    estimated_watts: int | UnsetType
    millijoules_per_token: int | UnsetType
    millijoules_per_request: int | UnsetType


def measured_besides(facts: PolicyFacts) -> Besides:
    """Returns what of ``currentPower`` is known only with estimates, or from inference servers."""
    return Besides(
        estimated_watts=round(facts.estimated_watts) or UNSET,
        millijoules_per_token=_millijoules(facts.spent.joules_per_token),
        millijoules_per_request=_millijoules(facts.spent.joules_per_request),
    )


def _millijoules(joules: float | None) -> int | UnsetType:
    return UNSET if joules is None else round(_MILLIJOULES * joules)
