"""Why an algorithm cannot be used, in words that name the field and the remedy."""

from __future__ import annotations

from collections.abc import Iterable


class AlgorithmError(Exception):
    """An algorithm cannot be used as asked."""


class UnknownAlgorithmError(AlgorithmError):
    """No algorithm of that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no algorithm is called {name!r}; known are: {', '.join(sorted(known))}")


class BadParameterError(AlgorithmError):
    """A parameter is unknown, not a number, or out of its range."""
