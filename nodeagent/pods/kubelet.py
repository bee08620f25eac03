"""The kubelet's PodResources socket (v1): who holds which device, and which devices there are to hold.

Version v1 has no Watch, so it is asked every few seconds. The kubelet answers a hundred calls a second and
refuses more with RESOURCE_EXHAUSTED.
"""

from __future__ import annotations

from pathlib import Path

from nodeagent.pods.errors import SocketMissingError, UnreadableAnswerError
from nodeagent.pods.messages import ALLOCATABLE, LIST, Allocation, Offer, read_allocatable, read_list
from nodeagent.pods.protobuf import MalformedMessageError


class KubeletSocket:
    """Asks the kubelet.

    Args:
        path: The socket, inside a folder that is mounted as a whole: the kubelet makes the socket anew.
        deadline_seconds: For each question.
    """

    def __init__(self, path: Path, deadline_seconds: float) -> None:
        self._path = path
        self._deadline_seconds = deadline_seconds
        self._read: tuple[bytes, list[Allocation]] | None = None

    async def held(self) -> list[Allocation]:
        """Returns who holds what; raises ``PodResourcesError``."""
        answer = await self._ask(LIST)
        # Pods come and go minutes apart, and to decode the answer costs as much as to fetch it.
        if self._read is None or self._read[0] != answer:
            try:
                self._read = answer, read_list(answer)
            except MalformedMessageError as error:
                raise UnreadableAnswerError(f"List: {error}") from error
        return self._read[1]

    async def offered(self) -> list[Offer]:
        """Returns what can be held; raises ``PodResourcesError``."""
        answer = await self._ask(ALLOCATABLE)
        try:
            return read_allocatable(answer)
        except MalformedMessageError as error:
            raise UnreadableAnswerError(f"GetAllocatableResources: {error}") from error

    async def _ask(self, method: str) -> bytes:
        if not self._path.exists():
            raise SocketMissingError(f"there is no {self._path}: mount the kubelet's pod-resources folder")
        # A node without the socket never pays for the library.
        from nodeagent.pods.grpc_call import call  # noqa: PLC0415

        return await call(self._path, method, b"", self._deadline_seconds)
