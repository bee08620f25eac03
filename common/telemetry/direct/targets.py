"""What is read directly: agents, each for its own node, and exporters of boards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

AGENT = "agent"
EXPORTER = "exporter"

NODE_LABEL = "node"


@dataclass(frozen=True)
class Target:
    """A page of metrics.

    Attributes:
        url: Where it is.
        kind: ``AGENT`` or ``EXPORTER``.
        node: Whose page it is; empty where it may speak of any node.
        expected: Whether something is known to be there; else it is only tried.
    """

    url: str
    kind: str
    node: str = ""
    expected: bool = True

    @property
    def name(self) -> str:
        """How people call it."""
        return self.node or self.url

    @property
    def key(self) -> str:
        """What tells it from others: two nodes may be told the same address by mistake."""
        return f"{self.node} {self.url}"

    def may_say(self, labels: Mapping[str, str]) -> bool:
        """Whether a sample is this target's to tell: an agent speaks of its own node alone."""
        return self.kind != AGENT or labels.get(NODE_LABEL) == self.node
