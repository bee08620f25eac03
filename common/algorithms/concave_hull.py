"""The smallest concave curve above a curve: what water-filling may work on where idle power bends it."""

from __future__ import annotations

import numpy as np

from common.algorithms.protocol import ValueCurves


def concave_hull(curves: ValueCurves) -> ValueCurves:
    """Returns curves whose worth never rises, each the least that is nowhere below its own."""
    length, worth = curves.step_watts.astype(np.float64), curves.value_per_watt.copy()
    for row in np.flatnonzero((worth[:, 1:] > worth[:, :-1]).any(axis=1)):
        worth[row] = _pooled(length[row].tolist(), worth[row].tolist())
    return ValueCurves(curves.step_watts, worth)


def _pooled(lengths: list[float], worths: list[float]) -> list[float]:
    """Averages neighbouring steps until none is worth more than the one before (pool adjacent violators)."""
    blocks: list[tuple[float, float, int]] = []
    for length, worth in zip(lengths, worths, strict=True):
        block = (length, worth, 1)
        while blocks and block[1] > blocks[-1][1]:
            before = blocks.pop()
            total = before[0] + block[0]
            mean = (before[0] * before[1] + block[0] * block[1]) / total if total else block[1]
            block = (total, mean, before[2] + block[2])
        blocks.append(block)
    return [worth for _, worth, count in blocks for _ in range(count)]
