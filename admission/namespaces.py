"""Namespaces that a person has paused."""

from __future__ import annotations

from common.api.core import Namespace
from common.api.names import ANNOTATION_PAUSE


class PausedNamespaces:
    """Follows the namespaces and knows those where nothing may be acted on."""

    def __init__(self) -> None:
        self._paused: set[str] = set()

    def change(self, old: Namespace | None, new: Namespace | None) -> None:
        """Takes in a change as informers report it."""
        if old is not None:
            self._paused.discard(old.name)
        if new is not None and new.metadata.annotations.get(ANNOTATION_PAUSE) == "true":
            self._paused.add(new.name)

    def __contains__(self, namespace: str) -> bool:
        return namespace in self._paused
