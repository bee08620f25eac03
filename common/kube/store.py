"""Objects by key, with indexes kept as they change."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Generic

from common.api.resource import T

logger = logging.getLogger(__name__)

Indexer = Callable[[T], Iterable[str]]
Notify = Callable[[T | None, T | None], None]


class Store(Generic[T]):
    """Holds the present objects of one kind and reports every real change as an (old, new) pair."""

    def __init__(self, indexers: Mapping[str, Indexer[T]], notify: Notify[T]) -> None:
        self._objects: dict[str, T] = {}
        self._indexers = dict(indexers)
        self._indexes: dict[str, dict[str, dict[str, None]]] = {name: {} for name in indexers}
        self._notify = notify

    def __len__(self) -> int:
        return len(self._objects)

    def get(self, key: str) -> T | None:
        """Returns the object of a key."""
        return self._objects.get(key)

    def items(self) -> list[T]:
        """Returns all objects."""
        return list(self._objects.values())

    def by_index(self, index: str, value: str) -> list[T]:
        """Returns the objects that an indexer filed under a value.

        Raises:
            KeyError: There is no such index.
        """
        return [self._objects[key] for key in self._indexes[index].get(value, ())]

    def replace(self, objects: Iterable[T], kept: Collection[str] = ()) -> None:
        """Makes the store hold exactly these objects, reporting what was added, changed and lost.

        Args:
            objects: Everything that exists now.
            kept: Keys that exist too, but whose content is unknown: what is held of them stays.
        """
        present = set(kept)
        for new in objects:
            present.add(new.key)
            self.put(new)
        for key in [key for key in self._objects if key not in present]:
            self.remove(key)

    def put(self, new: T) -> None:
        """Adds or changes an object; the version that is held already is not reported again."""
        key = new.key
        old = self._objects.get(key)
        if old is not None and old.metadata.uid != new.metadata.uid:
            self.remove(key, old)
            old = None
        if old is not None and old.metadata.resource_version == new.metadata.resource_version:
            return
        self._objects[key] = new
        self._reindex(key, old, new)
        self._notify(old, new)

    def remove(self, key: str, last: T | None = None) -> None:
        """Takes an object out, reporting its last state (``last`` where the caller knows it)."""
        old = self._objects.pop(key, None)
        if old is not None:
            self._reindex(key, old, None)
            self._notify(last or old, None)

    def _reindex(self, key: str, old: T | None, new: T | None) -> None:
        for name, indexer in self._indexers.items():
            index = self._indexes[name]
            before, after = _values(name, indexer, old), _values(name, indexer, new)
            for value in before - after:
                index[value].pop(key, None)
                if not index[value]:
                    del index[value]
            for value in after - before:
                index.setdefault(value, {})[key] = None


def _values(name: str, indexer: Indexer[T], item: T | None) -> set[str]:
    """Runs an indexer; one that raises files the object nowhere, each time alike, and is logged."""
    if item is None:
        return set()
    try:
        return set(indexer(item))
    except Exception:
        logger.exception("an indexer failed", extra={"index": name, "object": item.key})
        return set()
