"""Formulae of a roofline with overheads; every parameter is positive and kept as its logarithm.

A decode step takes the smooth maximum (4-norm) of a fixed overhead (launching kernels, meeting of GPUs) and
of reading the weights, plus arithmetic per request. A prompt takes an overhead plus its arithmetic, at an
efficiency that falls with the GPUs it is split over. A GPU draws a base share of its board power plus a part
that rises with how busy memory is in decode, and another share while prompts are computed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from common.models.serving.configuration import Configuration

Array = NDArray[np.float64]

_NORM = 4.0

NAMES = (
    "step_overhead_seconds", "memory_inefficiency", "decode_inefficiency",
    "prompt_overhead_seconds", "prompt_inefficiency", "split_exponent",
    "base_share", "memory_share", "prompt_share",
)  # fmt: skip
PRIOR = np.log([0.04, 1.4, 3.5, 0.04, 1.6, 0.3, 0.3, 0.7, 0.6])
"""What is expected before any measurement: data sheets at the usual efficiencies."""
PRIOR_DEVIATION = np.array([0.5, 0.15, 0.5, 0.5, 0.3, 0.5, 0.1, 0.1, 0.3])
"""Standard deviations of the logarithms."""


def features(configurations: Sequence[Configuration]) -> Array:
    """Returns one row per configuration: weights, token arithmetic, batch, prompt, output, GPUs."""
    return np.array(
        [
            (c.weights_seconds, c.token_flop_seconds, c.batch, c.prompt_tokens, c.output_tokens, c.gpus)
            for c in configurations
        ],
        dtype=np.float64,
    ).reshape(-1, 6)


def predict(logarithms: Array, table: Array) -> Array:
    """Returns prompt seconds, token seconds and power share, shape (rows, 3)."""
    step, memory, decode, start, prompt, split, base, busy, prompts = np.exp(logarithms)
    weights, flops, batch, prompt_tokens, output_tokens, gpus = table.T
    token_seconds = (step**_NORM + (memory * weights) ** _NORM) ** (1 / _NORM) + decode * batch * flops
    prompt_seconds = start + prompt * gpus**split * flops * batch * prompt_tokens
    decoding = token_seconds * np.maximum(output_tokens - 1, 0)
    prompt_part = prompt_seconds / (prompt_seconds + decoding)
    power = (1 - prompt_part) * (base + busy * weights / token_seconds) + prompt_part * prompts
    return np.stack([prompt_seconds, token_seconds, power], axis=1)
