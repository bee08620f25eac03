"""Keeps the set points of nodes as they should be, where no budget write does it on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from actuator.ledger.writes import Outcome
from actuator.logic.setpoints import SetPoints, is_request, set_points_of
from actuator.output.bodies import points_body
from actuator.output.writer import Writer
from common.api.frequencies import NODE_FREQUENCIES, NodeFrequencies
from common.api.names import FINALIZER_RELEASE


class PointsKeeper:
    """Writes set points once per change of them or of the object: what others put there stays theirs."""

    def __init__(self) -> None:
        self._written: dict[str, tuple[str, int, SetPoints]] = {}

    def tend(self, writer: Writer, node: str, item: NodeFrequencies | None, wanted: SetPoints | None) -> None:
        """Does the next step for one node: make its object, write it, or let it go."""
        key = f"{NODE_FREQUENCIES.plural}/{node}"
        if writer.is_busy(key) or (item is not None and is_request(item)):
            return
        if item is None:
            writer.send(key, lambda: writer.create(node))
        elif wanted or set_points_of(item):
            self._write(writer, item, wanted or SetPoints())
        elif item.spec.power_budget is None and _is_over(item):
            writer.send(key, lambda: writer.dismiss(item))

    def forget(self, present: Iterable[str]) -> None:
        """Forgets what was written to nodes that are not there any more."""
        for name in self._written.keys() - set(present):
            del self._written[name]

    def without_budget(
        self, writer: Writer, item: NodeFrequencies, wanted: SetPoints, answered: Callable[[Outcome], None]
    ) -> None:
        """Takes the budget away from a released node that policies still have set points for."""
        body = points_body(item, wanted)
        body["spec"].pop("powerBudget", None)
        key = f"{NODE_FREQUENCIES.plural}/{item.name}"
        writer.send(key, lambda: writer.apply(NODE_FREQUENCIES, body), answered)

    def _write(self, writer: Writer, item: NodeFrequencies, wanted: SetPoints) -> None:
        mark = (item.metadata.uid, item.metadata.generation, wanted)
        ours = FINALIZER_RELEASE in item.metadata.finalizers
        if set_points_of(item) == wanted or self._written.get(item.name) == mark or not (ours or wanted):
            return
        if item.metadata.deletion_timestamp:
            return

        async def write() -> None:
            written = await writer.apply(NODE_FREQUENCIES, points_body(item, wanted))
            self._written[item.name] = (written.metadata.uid, written.metadata.generation, wanted)

        writer.send(f"{NODE_FREQUENCIES.plural}/{item.name}", write)


def _is_over(item: NodeFrequencies) -> bool:
    """Whether an object of ours that asks for nothing has been seen by its agent, or has none."""
    seen = item.status.observed_generation >= item.metadata.generation or item.status.protocol_version == 0
    return FINALIZER_RELEASE in item.metadata.finalizers and seen
