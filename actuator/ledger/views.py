"""What the ledger sees: frozen pictures of nodes and domains, taken from caches that may lag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from common.api.domain import Enforcement
from common.api.frequencies import BudgetStatus, PowerBudget


@dataclass(frozen=True, slots=True)
class Identity:
    """Which Node object there is now, and which boot of its machine."""

    uid: str
    boot_id: str


@dataclass(frozen=True, slots=True)
class FrequenciesView:
    """The node's NodeFrequencies, as last seen.

    Attributes:
        uid: Of the object.
        version: Its resourceVersion; versions of one kind compare as whole numbers.
        budget: What was granted last.
        status: What the agent confirmed last.
        protocol_version: Which protocol the agent speaks; 0 where none has said.
        former_domain: The domain before the one in ``budget``, while that is not confirmed; or "".
        place: The domain that the node's labels put it into when the budget was written; or "".
        deleting: Whether somebody asked to delete it.
        powered_off: A person's word that the machine is off.
    """

    uid: str
    version: int
    budget: PowerBudget | None = None
    status: BudgetStatus | None = None
    protocol_version: int = 0
    former_domain: str = ""
    place: str = ""
    deleting: bool = False
    powered_off: bool = False


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node, its place in the tree, and its NodeFrequencies.

    Attributes:
        name: Of the Node, and of its NodeFrequencies.
        identity: None where there is no Node object (any more).
        assumed_nameplate_watts: What it may draw at most as long as no agent has said.
        domain: The deepest domain that it belongs to, or "" for none.
        claims: Domains that count it without its being placed (contested, or being mended).
        frequencies: None where there is none.
        boot_protected: Whether its host writes the base before the kubelet starts.
        sequence_floor: Lower sequences are of before the store was set back, and prove nothing; 0 for none.
    """

    name: str
    identity: Identity | None
    assumed_nameplate_watts: int
    domain: str = ""
    claims: tuple[str, ...] = ()
    frequencies: FrequenciesView | None = None
    boot_protected: bool = False
    sequence_floor: int = 0


@dataclass(frozen=True, slots=True)
class DomainView:
    """A domain with its caps and what the actuator last said about it.

    Attributes:
        name: Of the PowerDomain.
        uid: Of the object.
        version: Its resourceVersion.
        chain: Names from this domain up to the root, this one first.
        enforced: Whether the cap is to be held (mode Auto, a cap, not being deleted).
        cap_watts: E, the effective cap.
        minimum_watts: The lowest cap that may come.
        shares_minimum: Whether a person set that minimum, so that bases may take their share of it.
        paused: Hold: no raises and no new nodes; cuts are still obeyed.
        lease_seconds: How long grants outlive the last heartbeat.
        published: What ``status.enforcement`` says.
    """

    name: str
    uid: str
    version: int
    chain: tuple[str, ...]
    enforced: bool
    cap_watts: int = 0
    minimum_watts: int = 0
    shares_minimum: bool = False
    paused: bool = False
    lease_seconds: int = 600
    published: Enforcement | None = None


@dataclass(frozen=True, slots=True)
class LedgerView:
    """All nodes and domains, and the epoch that this leader holds."""

    nodes: Mapping[str, NodeView]
    domains: Mapping[str, DomainView]
    epoch: int
    _levels: dict[str, tuple[DomainView, ...]] = field(default_factory=dict, compare=False, repr=False)

    def levels(self, domain: str) -> tuple[DomainView, ...]:
        """Returns the domains from one upwards whose caps are to be held."""
        found = self._levels.get(domain)
        if found is None:
            found = self._levels[domain] = self._find_levels(domain)
        return found

    def _find_levels(self, domain: str) -> tuple[DomainView, ...]:
        if domain not in self.domains:
            return ()
        chain = (self.domains[name] for name in self.domains[domain].chain if name in self.domains)
        return tuple(level for level in chain if level.enforced)
