"""Who is on which GPU, as of one moment: what the control loop, the status and the caps go by. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Holder:
    """A container that holds a GPU, or a part of one."""

    namespace: str
    pod: str
    container: str

    @property
    def key(self) -> str:
        """``namespace/pod``."""
        return f"{self.namespace}/{self.pod}"


@dataclass(frozen=True)
class PodFacts:
    """What the API server says of a pod.

    Attributes:
        uid: Its uid: one that was made anew under the same name has another.
        priority: Its priority, as its PriorityClass gave it.
        other_agent: The annotation by which another power agent claims its GPUs; empty where none does.
        ended: Whether it has ended: a kubelet before 1.34 goes on listing its devices for a while.
    """

    uid: str
    priority: int = 0
    other_agent: str = ""
    ended: bool = False


@dataclass(frozen=True)
class Tenancy:
    """Who is on which GPU.

    Attributes:
        followed: Whether anybody asks the kubelet at all.
        known: Whether its answer is recent enough to go by.
        reason: Why it is not known, in CamelCase; empty where it is.
        message: The same in plain words; where it is known, what of it could not be understood.
        holders: Containers by board, sorted; a board that nobody holds is left out.
        facts: What is known of the pods that hold boards, by ``namespace/pod``.
    """

    followed: bool = False
    known: bool = False
    reason: str = ""
    message: str = ""
    holders: Mapping[str, tuple[Holder, ...]] = field(default_factory=dict)
    facts: Mapping[str, PodFacts] = field(default_factory=dict)

    def pods_on(self, board: str) -> tuple[str, ...]:
        """Returns ``namespace/pod`` of all pods on a board, each once, sorted."""
        return tuple(dict.fromkeys(holder.key for holder in self.holders.get(board, ())))


NOT_FOLLOWED = Tenancy()
