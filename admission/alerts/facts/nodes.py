"""What a node's devices report that somebody should know of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from admission.alerts.facts.fact import Fact, being_deleted, condition_in
from common.alerts.notice import CRITICAL, WARNING
from common.api.frequencies import DEVICE_FAILED, DEVICE_INERT, NODE_FREQUENCIES, NodeFrequencies
from common.api.reference import reference

_NAMED: Final = 4
_ADVICE: Final = {
    DEVICE_FAILED: "The devices are counted at nameplate. See the driver's log on the node.",
    DEVICE_INERT: "The devices take the limit and draw more: allow the lever Frequency.",
}


def node_facts(node: NodeFrequencies) -> Iterator[Fact]:
    """Yields the facts of one node."""
    if being_deleted(node):
        return
    for status in (DEVICE_FAILED, DEVICE_INERT):
        yield from _devices(node, status)
    disobeyed = condition_in(node.status.conditions, "BudgetObeyed", "False")
    if disobeyed is not None and disobeyed.reason == "FloorsTooHigh":
        summary = f"Node {node.name} cannot keep to its budget"
        advice = "Take load or devices off the node, or raise the least cap of its domain."
        yield Fact(
            "BudgetNotObeyed",
            CRITICAL,
            reference(NODE_FREQUENCIES, node),
            summary,
            disobeyed.message,
            advice,
        )


def _devices(node: NodeFrequencies, status: str) -> Iterator[Fact]:
    wrong = [(f"GPU {gpu.gpu_id}", gpu.reason) for gpu in node.status.gpus if gpu.status == status]
    wrong += [(f"CPU {cpu.cpu_id}", cpu.reason) for cpu in node.status.cpus if cpu.status == status]
    if not wrong:
        return
    named = "; ".join(f"{name}: {reason}" if reason else name for name, reason in wrong[:_NAMED])
    more = f"; and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
    summary = f"Node {node.name}: devices do not obey their limits ({status.lower()})"
    yield Fact(
        f"Device{status}", WARNING, reference(NODE_FREQUENCIES, node), summary, named + more, _ADVICE[status]
    )
