"""A resource of the API: where objects of a kind live and what they decode into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from common.api.meta import KubeObject

T = TypeVar("T", bound=KubeObject)


@dataclass(frozen=True)
class Resource(Generic[T]):
    """Group, version, plural and kind of a resource, with the struct its objects decode into."""

    kind: str
    plural: str
    type: type[T]
    version: str = "v1"
    group: str = ""
    namespaced: bool = False

    @property
    def api_version(self) -> str:
        """``group/version``, or ``version`` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Returns the URL path of the collection, of one object, or of its subresource.

        An empty namespace on a namespaced resource means all namespaces (collection only).
        """
        parts = ["apis", self.group, self.version] if self.group else ["api", self.version]
        if self.namespaced and namespace:
            parts += ["namespaces", namespace]
        parts.append(self.plural)
        parts += [part for part in (name, subresource) if part]
        return "/" + "/".join(parts)
