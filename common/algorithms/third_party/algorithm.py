"""A third party's algorithm as one of ours: same protocol, another process, a checked plan."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from common.algorithms.errors import AlgorithmError
from common.algorithms.protocol import Description, Plan, Snapshot
from common.algorithms.third_party.check import check_plan
from common.algorithms.third_party.discover import Offer
from common.algorithms.third_party.process import DEFAULT_LIMITS, Limits, ThirdPartyProcess
from common.algorithms.third_party.wire import Reply, Request, pack_snapshot, unpack_description, unpack_plan


class ThirdPartyAlgorithm:
    """Asks the process of an offer; after a crash or a timeout it rests before it is tried again.

    Args:
        offer: Whose algorithm.
        limits: What its process may use.
    """

    def __init__(self, offer: Offer, limits: Limits = DEFAULT_LIMITS) -> None:
        self.offer = offer
        self._limits = limits
        self._process = ThirdPartyProcess(offer.entry, offer.paths, limits)
        self._description: Description | None = None
        self._lock = threading.Lock()
        self._resting_until = 0.0
        self._failure = ""

    @property
    def description(self) -> Description:
        """What it says of itself, under the name that its package registers.

        Raises:
            AlgorithmError: It cannot be asked; the message names the package and the reason.
        """
        with self._lock:
            return self._describe()

    def plan(self, snapshot: Snapshot, parameters: Mapping[str, float]) -> Plan:
        """Returns its plan, checked.

        Raises:
            AlgorithmError: It failed or its plan breaks a rule; the message names the package and the reason.
        """
        with self._lock:
            self._describe()
            try:
                reply = self._ask(Request(pack_snapshot(snapshot), dict(parameters)))
                plan = unpack_plan(reply)
                check_plan(snapshot, plan)
            except AlgorithmError as error:
                raise self._named(error) from None
            return plan

    def close(self) -> None:
        """Ends its process."""
        self._process.close()

    def _describe(self) -> Description:
        if self._description is None:
            try:
                said = unpack_description(self._ask(Request()))
            except AlgorithmError as error:
                raise self._named(error) from None
            self._description = Description(self.offer.name, said.summary, said.parameters, said.inputs)
        return self._description

    def _ask(self, request: Request) -> Reply:
        if time.monotonic() < self._resting_until:
            raise AlgorithmError(f"{self._failure}; it is tried again after {self._limits.retry_seconds:g} s")
        try:
            return self._process.ask(request)
        except AlgorithmError as error:
            self._failure = str(error)
            self._resting_until = time.monotonic() + self._limits.retry_seconds
            raise

    def _named(self, error: AlgorithmError) -> AlgorithmError:
        return AlgorithmError(f"{self.offer.name} ({self.offer.package}): {error}")
