"""Asks the kubelet again and again, remembers its last answer, and lets it age."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from common.clock import Clock
from common.kube.backoff import Backoff
from nodeagent.pods.boards import (
    BoardNames,
    board_of,
    is_gpu_resource,
    is_instance,
    is_known_to_the_driver,
    why_strange,
)
from nodeagent.pods.errors import KubeletRefusedError, PodResourcesError
from nodeagent.pods.instances import Instances
from nodeagent.pods.kubelet import KubeletSocket
from nodeagent.pods.messages import Allocation
from nodeagent.pods.tenancy import Holder

log = logging.getLogger(__name__)

_OFFER_PERIOD_SECONDS = 60.0
"""How often the kubelet is asked for what it can hand out: it changes when a device plugin starts anew."""
_SHORTEST_PAUSE_SECONDS = 0.5
"""Between two questions, however much happens on the node."""
_NAMED = 3
"""So many ids are named in a message; the rest is counted."""


@dataclass(frozen=True)
class FollowerSettings:
    """How the kubelet is asked.

    Attributes:
        period_seconds: Time between two questions.
        longest_age_seconds: An answer that is older is not gone by any more.
    """

    period_seconds: float
    longest_age_seconds: float


@dataclass(frozen=True)
class Holdings:
    """The kubelet's last answer, and whether it can be gone by.

    Attributes:
        known: Whether it is recent enough.
        reason: Why not, in CamelCase.
        message: Why not, or which ids no board of this node answers to.
        holders: Containers by board.
    """

    known: bool
    reason: str = ""
    message: str = ""
    holders: Mapping[str, tuple[Holder, ...]] = field(default_factory=dict)


NOT_ASKED_YET = Holdings(known=False, reason="NotAskedYet", message="the kubelet has not answered yet")


class Follower:
    """Follows one kubelet.

    Args:
        kubelet: Its socket.
        boards: UUIDs of the node's boards.
        instances: Leads instances back to boards.
        settings: How often it is asked.
        clock: Time.
        on_change: Called with every new state of things.
    """

    def __init__(
        self,
        kubelet: KubeletSocket,
        boards: Sequence[str],
        instances: Instances,
        settings: FollowerSettings,
        clock: Clock,
        on_change: Callable[[Holdings], None],
    ) -> None:
        self.holdings = NOT_ASKED_YET
        self._kubelet = kubelet
        self._boards = frozenset(boards)
        self._instances = instances
        self._settings = settings
        self._clock = clock
        self._on_change = on_change
        self._answered_at: float | None = None
        self._offered_at = float("-inf")
        self._offered: tuple[str, ...] = ()
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """Asks again soon: a pod came or went."""
        self._hurry.set()

    async def run(self) -> None:
        """Asks until cancelled; survives whatever the kubelet does."""
        longest = max(self._settings.period_seconds, 10.0)
        backoff = Backoff(first=self._settings.period_seconds, maximum=longest)
        while True:
            if await self.look():
                backoff.reset()
                await self._pause(self._settings.period_seconds)
            else:
                await self._pause(backoff.next())

    async def look(self) -> bool:
        """Asks once; returns whether there was an answer."""
        self._hurry.clear()
        try:
            allocations = await self._kubelet.held()
            await self._note_offers()
        except PodResourcesError as error:
            self._failed(error)
            return False
        except Exception as error:  # whatever a socket can say must not end the agent
            log.exception("the kubelet's answer surprised")
            self._failed(PodResourcesError(repr(error)))
            return False
        await self._ask_driver(allocations)
        self._answered_at = self._clock.monotonic()
        self._become(self._read(allocations))
        return True

    async def _ask_driver(self, allocations: Iterable[Allocation]) -> None:
        """Has the driver name the boards that pods hold by something that only it knows."""
        names = {name for allocation in allocations for name in allocation.device_ids}
        # Instances that nobody holds are not asked for: they come and go with whoever divides the board.
        names |= {name for name in self._offered if not is_instance(name)}
        asked = [name for name in names if is_known_to_the_driver(name)]
        if asked:
            await self._instances.find(known=all(self._board(name) for name in asked))

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(min(_SHORTEST_PAUSE_SECONDS, seconds))
        try:
            async with asyncio.timeout(max(seconds - _SHORTEST_PAUSE_SECONDS, 0.0)):
                await self._hurry.wait()
        except TimeoutError:
            return

    async def _note_offers(self) -> None:
        if self._clock.monotonic() - self._offered_at < _OFFER_PERIOD_SECONDS:
            return
        try:
            offers = await self._kubelet.offered()
        except KubeletRefusedError as error:
            # Kubelets before 1.23 do not have it by default, and nothing depends on it.
            log.info("what the kubelet can hand out is not known", extra={"error": str(error)})
            offers = []
        self._offered_at = self._clock.monotonic()
        self._offered = tuple(
            i for offer in offers if is_gpu_resource(offer.resource) for i in offer.device_ids
        )

    def _read(self, allocations: Iterable[Allocation]) -> Holdings:
        holders: dict[str, set[Holder]] = {}
        strange = {name for name in self._offered if not is_instance(name) and not self._board(name)}
        for allocation in allocations:
            holder = Holder(allocation.namespace, allocation.pod, allocation.container)
            for name in allocation.device_ids:
                board = self._board(name)
                if board:
                    holders.setdefault(board, set()).add(holder)
                elif is_gpu_resource(allocation.resource):
                    strange.add(name)
        message = _strange(sorted(strange))
        return Holdings(True, "", message, {board: tuple(sorted(found)) for board, found in holders.items()})

    def _board(self, name: str) -> str:
        return board_of(name, BoardNames(self._boards, self._instances.by_uuid, self._instances.by_minor))

    def _failed(self, error: PodResourcesError) -> None:
        now = self._clock.monotonic()
        answered = self._answered_at
        if answered is not None and now - answered < self._settings.longest_age_seconds:
            return
        self._become(Holdings(known=False, reason=error.reason, message=str(error)))

    def _become(self, holdings: Holdings) -> None:
        if holdings == self.holdings:
            return
        if (holdings.known, holdings.message) != (self.holdings.known, self.holdings.message):
            level = logging.INFO if holdings.known and not holdings.message else logging.WARNING
            details = {"known": holdings.known, "why": holdings.message}
            log.log(level, "which pod is on which GPU", extra=details)
        self.holdings = holdings
        self._on_change(holdings)


def _strange(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f"; and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return "; ".join(f"{name} {why_strange(name)}" for name in names[:_NAMED]) + more
