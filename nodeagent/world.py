"""What the agent knows of the cluster: its own object, its Node, and the domains."""

from __future__ import annotations

from collections.abc import Callable

from common.api.core import Node
from common.api.domain import PowerDomain
from common.api.frequencies import FrequenciesSpec, NodeFrequencies
from nodeagent.pods.tenancy import NOT_FOLLOWED, Tenancy


class World:
    """The latest state of what the agent follows; changes call ``on_change``.

    Attributes:
        node_name: The node that this agent runs for.
        node: Its Node object; None before it was seen.
        frequencies: Its NodeFrequencies, as seen last by whichever way; None where there is none.
        domains: All PowerDomains by name; None before they have been listed.
        tenancy: Which pod is on which GPU.
    """

    def __init__(self, node_name: str, on_change: Callable[[], None]) -> None:
        self.node_name = node_name
        self.node: Node | None = None
        self.frequencies: NodeFrequencies | None = None
        self.domains: dict[str, PowerDomain] | None = None
        self.tenancy: Tenancy = NOT_FOLLOWED
        self._listed: dict[str, PowerDomain] = {}
        self._on_change = on_change

    def node_changed(self, _old: Node | None, new: Node | None) -> None:
        """Takes in a change of the Node."""
        self.node = new
        self._on_change()

    def domain_changed(self, old: PowerDomain | None, new: PowerDomain | None) -> None:
        """Takes in a change of a PowerDomain."""
        if new is not None:
            self._listed[new.name] = new
        elif old is not None:
            self._listed.pop(old.name, None)
        self._on_change()

    def domains_listed(self) -> None:
        """The first full picture of the domains is here."""
        self.domains = self._listed
        self._on_change()

    def frequencies_changed(self, new: NodeFrequencies | None) -> None:
        """Takes in the agent's own object; that its status alone was written is no change."""
        before, self.frequencies = self.frequencies, new
        if before is None or new is None or _version(before) != _version(new):
            self._on_change()

    def tenants_changed(self, new: Tenancy) -> None:
        """Takes in which pod is on which GPU."""
        self.tenancy = new
        self._on_change()

    @property
    def misaddressed(self) -> str:
        """Why the agent's own object is refused; empty where it is not."""
        if self.frequencies is None or self.frequencies.spec.node_name == self.node_name:
            return ""
        named = self.frequencies.spec.node_name
        return (
            f"spec.nodeName is {named!r}, but the object bears the name of {self.node_name}: set it to that"
        )

    @property
    def addressed(self) -> NodeFrequencies | None:
        """The agent's own object, if it is meant for this node."""
        return None if self.misaddressed else self.frequencies

    @property
    def spec(self) -> FrequenciesSpec:
        """What is asked of this node; nothing where there is no object."""
        return self.addressed.spec if self.addressed is not None else FrequenciesSpec()


def _version(frequencies: NodeFrequencies) -> tuple[str, int]:
    return frequencies.metadata.uid, frequencies.metadata.generation
