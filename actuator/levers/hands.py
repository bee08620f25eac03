"""Does what was decided: several actions at once, each by the lever of its rung."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from actuator.ladder.action import Lever, Outcome, Rung
from actuator.ladder.decide import Taken
from actuator.levers.backoff import BudgetBackoff
from common.kube.errors import KubeError

log = logging.getLogger(__name__)

_PARALLEL = 8
_LATEST = timedelta(seconds=5)
"""A deed that did not start so soon after its note is left: its time in the count would be wrong."""


class Hands:
    """Pulls levers, and remembers which disruption budgets said no.

    Args:
        levers: By rung.
        now: The time by which notes are dated.
    """

    def __init__(self, levers: Mapping[Rung, Lever], now: Callable[[], datetime]) -> None:
        self._levers = levers
        self._now = now
        self.backoff = BudgetBackoff()

    def can(self, taken: Taken) -> bool:
        """Whether there is a lever for an action."""
        return taken.action.rung in self._levers

    async def take(self, actions: Sequence[Taken], noted: datetime) -> list[tuple[Taken, Outcome]]:
        """Does actions that were noted; returns those of which it is known what became of them."""
        slots = asyncio.Semaphore(_PARALLEL)
        outcomes = await asyncio.gather(*(self._take(taken, noted, slots) for taken in actions))
        done = [(taken, one) for taken, one in zip(actions, outcomes, strict=True) if one is not None]
        for taken, outcome in done:
            self._learn(taken, outcome)
        return done

    async def _take(self, taken: Taken, noted: datetime, slots: asyncio.Semaphore) -> Outcome | None:
        """Does one action; None where nobody knows whether it was done."""
        action = taken.action
        async with slots:
            if self._now() - noted > _LATEST:
                return Outcome(action, False, "TooLate", "it could not be done soon after its note")
            try:
                return await self._levers[action.rung].take(action)
            except KubeError as error:
                log.warning("unknown whether it was done", extra={"key": action.key, "error": str(error)})
            except Exception:  # the outcomes of the others must not be lost with it
                log.exception("unknown whether it was done", extra={"key": action.key})
            return None

    def _learn(self, taken: Taken, outcome: Outcome) -> None:
        """Remembers which disruption budgets said no."""
        for budget in (claim.removeprefix("pdb/") for claim in taken.claims if claim.startswith("pdb/")):
            if outcome.taken:
                self.backoff.allowed(budget)
            elif outcome.reason == "DisruptionBudget":
                self.backoff.refused(budget, self._now(), outcome.retry_after_seconds)
