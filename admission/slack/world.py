"""What the app knows without asking: informers on policies, domains and nodes."""

from __future__ import annotations

from typing import Any

from common.api.core import ObjectReference
from common.api.domain import POWER_DOMAINS
from common.api.frequencies import NODE_FREQUENCIES
from common.api.meta import KubeObject
from common.api.policy import POLICIES
from common.api.reference import reference
from common.kube.client import Client
from common.kube.informer import Informer


class World:
    """Objects by kind and name, out of memory.

    Attributes:
        policies: All policies.
        domains: All domains.
    """

    def __init__(self, client: Client) -> None:
        self.policies = Informer(client, POLICIES)
        self.domains = Informer(client, POWER_DOMAINS)
        self._nodes = Informer(client, NODE_FREQUENCIES)
        self._by_kind: dict[str, Informer[Any]] = {each.resource.kind: each for each in self.informers}

    @property
    def informers(self) -> tuple[Informer[Any], ...]:
        """All of them, to be run."""
        return self.policies, self.domains, self._nodes

    def problem(self) -> str | None:
        """Returns what has not been seen in full yet; None where nothing is left."""
        waiting = [each.resource.plural for each in self.informers if not each.synced]
        return f"not yet listed from the API server: {', '.join(waiting)}" if waiting else None

    def find(self, kind: str, name: str, namespace: str = "") -> KubeObject | None:
        """Returns an object; None where there is none, or the kind is not followed."""
        informer = self._by_kind.get(kind)
        found: KubeObject | None = informer.get(name, namespace) if informer else None
        return found

    def refer(self, kind: str, name: str, namespace: str = "") -> ObjectReference | None:
        """Returns the reference to an object, for Events; None where there is none."""
        found = self.find(kind, name, namespace)
        return reference(self._by_kind[kind].resource, found) if found is not None else None
