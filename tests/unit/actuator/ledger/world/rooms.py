"""The room that the world is about: three nodes in two rows, and the caps that there may be."""

from __future__ import annotations

NAMEPLATE = 1000
MINIMUM = 100
CHAINS = {"room": ("room",), "row-a": ("row-a", "room"), "row-b": ("row-b", "room")}
PLACES = {"n0": "row-a", "n1": "row-a", "n2": "row-b"}
CAPS = {"room": (1100, 1500, 1900), "row-a": (700, 900, 1300), "row-b": (400, 700, 1000)}
