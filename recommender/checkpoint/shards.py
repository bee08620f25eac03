"""Entries in a bounded number of shards, each small enough for one object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from recommender.checkpoint.entries import Entries

SHARD_BYTES = 800 * 1024
"""A ConfigMap holds a mebibyte at most."""
_OVERHEAD = 16


def into_shards(entries: Mapping[str, bytes], most: int) -> tuple[list[bytes], int]:
    """Packs entries in the order of their names.

    Args:
        entries: Payload by name.
        most: How many shards at most.

    Returns:
        The shards, and how many entries found no room.
    """
    shards: list[Entries] = [{}]
    size, left_out = 0, 0
    for name, payload in sorted(entries.items()):
        cost = len(name.encode()) + len(payload) + _OVERHEAD
        if size + cost > SHARD_BYTES and shards[-1]:
            if len(shards) == most:
                left_out += 1
                continue
            shards.append({})
            size = 0
        shards[-1][name] = payload
        size += cost
    return [msgspec.msgpack.encode(shard) for shard in shards], left_out


def from_shards(shards: Iterable[bytes]) -> Entries:
    """Returns all entries.

    Raises:
        ValueError: A shard is not what it should be.
    """
    found: Entries = {}
    for shard in shards:
        try:
            found |= msgspec.msgpack.decode(shard, type=dict[str, bytes])
        except msgspec.DecodeError as error:
            raise ValueError(f"a shard of the checkpoint cannot be read: {error}") from error
    return found
