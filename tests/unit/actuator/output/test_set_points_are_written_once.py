"""Set points are written once for each change of them or of the object: what others set there stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec.structs import replace

from actuator.logic.setpoints import SetPoints
from actuator.output.points import PointsKeeper
from common.api.frequencies import FrequenciesSpec, GpuPowerLimit, NodeFrequencies
from common.api.meta import ObjectMeta
from common.api.names import FINALIZER_RELEASE

WANTED = SetPoints(gpu_power_limits={"g": 300})


class Writer:
    """Writes at once; somebody else holds a lower limit, so the object never is as wanted."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], Awaitable[object]]] = []
        self.item = NodeFrequencies(
            metadata=ObjectMeta(name="n", uid="u", generation=1, finalizers=[FINALIZER_RELEASE]),
            spec=FrequenciesSpec(node_name="n", gpu_power_limits=[GpuPowerLimit(gpu_id="g", watts=200)]),
        )

    def is_busy(self, _key: str) -> bool:
        return False

    def send(self, _key: str, call: Callable[[], Awaitable[object]], _answered: Any = None) -> None:
        self.calls.append(call)

    async def apply(self, _resource: Any, _body: dict[str, Any]) -> NodeFrequencies:
        return self.item

    async def tended(self, keeper: PointsKeeper) -> int:
        """Returns how many writes one look leads to."""
        writer: Any = self
        keeper.tend(writer, "n", self.item, WANTED)
        calls, self.calls = self.calls, []
        for call in calls:
            await call()
        return len(calls)


async def test_what_did_not_help_is_not_written_again() -> None:
    writer, keeper = Writer(), PointsKeeper()
    assert [await writer.tended(keeper) for _ in range(3)] == [1, 0, 0]


async def test_a_change_of_the_object_is_answered() -> None:
    writer, keeper = Writer(), PointsKeeper()
    await writer.tended(keeper)
    writer.item = replace(writer.item, metadata=replace(writer.item.metadata, generation=2))
    assert await writer.tended(keeper) == 1


async def test_nodes_that_are_gone_are_forgotten() -> None:
    writer, keeper = Writer(), PointsKeeper()
    await writer.tended(keeper)
    keeper.forget(["n", "another"])
    assert await writer.tended(keeper) == 0
    keeper.forget(["another"])
    assert await writer.tended(keeper) == 1
