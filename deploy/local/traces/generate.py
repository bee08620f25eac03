"""Makes the load trace: ``python -m deploy.local.traces.generate`` writes its CSV to standard output."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from itertools import pairwise
from random import Random

from common.twin.randomness import generator

SEED = 20_260_101
SECONDS = 180
COLUMNS = ("second", "service", "requests_per_second", "prompt_tokens", "output_tokens")

Shape = Sequence[tuple[float, float]]
"""(second, requests per second): straight lines between the points."""

CHAT: Shape = ((0, 1), (15, 1), (45, 50), (90, 50), (94, 74), (114, 74), (120, 52), (150, 40), (180, 1))
"""A day in three minutes: a ramp, a plateau, a burst of 20 s, and the way back."""
CODE: Shape = ((0, 0.5), (30, 0.5), (70, 15), (125, 15), (130, 20), (150, 20), (165, 4), (180, 0.5))
"""Rises later, with fewer and longer prompts."""

_MEMORY_SECONDS = 4.0
_NOISE_RATIO = 0.08


def level(shape: Shape, second: float) -> float:
    """Returns the value of a shape at a second."""
    for (start, low), (end, high) in pairwise(shape):
        if start <= second <= end:
            return low + (high - low) * (second - start) / (end - start)
    return shape[-1][1]


def service_rows(
    service: str, shape: Shape, tokens: tuple[int, int], random: Random
) -> list[tuple[object, ...]]:
    """Returns one row per second: the shape with slow noise, and a slowly moving mix of tokens."""
    keep = math.exp(-1.0 / _MEMORY_SECONDS)
    spread = _NOISE_RATIO * math.sqrt(1.0 - keep * keep)
    noise = mix = 0.0
    rows: list[tuple[object, ...]] = []
    for second in range(SECONDS):
        noise = noise * keep + random.gauss(0.0, spread)
        mix = mix * keep + random.gauss(0.0, spread)
        requests = level(shape, second) * (1.0 + noise)
        prompt, output = (round(count * (1.0 + mix)) for count in tokens)
        rows.append((second, service, f"{requests:.2f}", prompt, output))
    return rows


def main() -> int:
    """Writes the trace to standard output."""
    random = generator(SEED)
    rows = service_rows("vllm-chat", CHAT, (800, 210), random)
    rows += service_rows("vllm-code", CODE, (1450, 120), random)
    lines = (",".join(map(str, row)) for row in [COLUMNS, *sorted(rows, key=lambda row: (row[0], row[1]))])
    sys.stdout.writelines(line + "\n" for line in lines)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
