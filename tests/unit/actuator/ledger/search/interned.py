"""Equal things get equal small numbers, so that states are short tuples and steps can be remembered."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Interned(Generic[T]):
    """Numbers things by their keys; the first thing with a key stands for all of them."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._things: list[T] = []

    def number(self, thing: T, key: Hashable = None) -> int:
        """Returns the number of a thing; ``key`` is needed where the thing cannot be hashed."""
        key = thing if key is None else key  # type: ignore[assignment]
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._things)
            self._things.append(thing)
        return found

    def __getitem__(self, number: int) -> T:
        return self._things[number]
