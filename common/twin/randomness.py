"""Seeded generators: the same seed and names give the same noise, whatever else is simulated beside them."""

from random import Random


def generator(*parts: object) -> Random:
    """Returns a generator of its own for what the parts name together (seed, node, device …)."""
    return Random("/".join(map(str, parts)))  # noqa: S311 - a simulation has to be repeatable
