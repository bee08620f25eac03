"""Where a domain's watts go: pods, idle devices, what cannot be told apart, and what nobody measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise

from msgspec import UnsetType

from common.api.domain import DomainAttribution
from recommender.logic.text import counted, percent
from recommender.model.draws import Draws
from recommender.model.nodes import NodeView


@dataclass(frozen=True)
class DomainParts:
    """Sums over a domain's nodes, in watts; all but ``estimated`` sum to the domain's draw.

    Attributes:
        pods: Of measured nodes, attributed to pods.
        idle: Of measured nodes, drawn without work.
        unattributed: Of measured nodes, the rest.
        nameplate: Of nodes that nobody measures, as they are counted.
        estimated: What those nodes are likely to draw.
        partly: Measured nodes of which a part is an estimate.
    """

    pods: float = 0.0
    idle: float = 0.0
    unattributed: float = 0.0
    nameplate: float = 0.0
    estimated: float = 0.0
    partly: int = 0


def domain_parts(members: Iterable[str], nodes: Mapping[str, NodeView], draws: Draws) -> DomainParts:
    """Adds up the parts of a domain's nodes."""
    listed = list(members)
    measured = [draws.nodes[name] for name in listed if name in draws.nodes]
    others = [name for name in listed if name not in draws.nodes]
    return DomainParts(
        pods=sum(draw.pods_watts for draw in measured),
        idle=sum(draw.idle_watts for draw in measured),
        unattributed=sum(draw.unattributed_watts for draw in measured),
        nameplate=sum(nodes[name].nameplate_watts for name in others),
        estimated=sum(draws.estimates[name].total_watts for name in others if name in draws.estimates),
        partly=sum(draw.estimated for draw in measured),
    )


def attribution_status(parts: DomainParts, power_watts: int) -> DomainAttribution:
    """Returns the parts in whole watts. Their running sums are rounded, so that they add up to the total."""
    sums = accumulate((parts.pods, parts.idle, parts.nameplate))
    ends = [0, *(min(round(each), power_watts) for each in sums), power_watts]
    pods, idle, nameplate, unattributed = (after - before for before, after in pairwise(ends))
    return DomainAttribution(
        pods_watts=pods,
        idle_watts=idle,
        unattributed_watts=unattributed,
        nameplate_watts=nameplate,
        estimated_watts=round(parts.estimated),
    )


def attributed_parts(status: DomainAttribution | UnsetType) -> dict[str, float]:
    """Returns the parts by their names in metrics; none without a status."""
    if isinstance(status, UnsetType):
        return {}
    return {
        "pods": status.pods_watts,
        "idle": status.idle_watts,
        "unattributed": status.unattributed_watts,
        "nameplate": status.nameplate_watts,
    }


def say_parts(parts: DomainParts) -> str:
    """Returns the parts as people read them."""
    whole = parts.pods + parts.idle + parts.unattributed
    # Percentages, as they keep still where watts do not: each word of a condition is a write.
    text = (
        f"pods {percent(parts.pods, whole)}, idle {percent(parts.idle, whole)},"
        f" not attributable {percent(parts.unattributed, whole)}"
    )
    if parts.partly:
        text += f" (of {counted(parts.partly, 'node')} a part is estimated from the nameplate)"
    return text
