"""What serving a language model on one server costs in time and watts, by what it is doing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_USUAL_PROMPT, _USUAL_BATCH, _USUAL_OUTPUT = "512", "1", "128"
"""The point around which the Splitwise sweeps vary one dimension at a time."""


@dataclass(frozen=True)
class ServingProfile:
    """Measured points at top clocks; between two of them a straight line.

    Attributes:
        model: What is served.
        prompt_tokens: Sizes of a prompt, rising.
        prompt_seconds: Time that a prompt of that size takes.
        prompt_draw: Draw of a GPU meanwhile, as a share of its highest limit.
        batches: How many sequences decode together, rising.
        token_seconds: Time that one token of each takes.
        token_draw: Draw of a GPU meanwhile, as a share of its highest limit.
    """

    model: str
    prompt_tokens: Floats
    prompt_seconds: Floats
    prompt_draw: Floats
    batches: Floats
    token_seconds: Floats
    token_draw: Floats

    def seconds_for_prompts(self, tokens: Floats) -> Floats:
        """Returns how long prompts take, longer ones than were measured by the last slope."""
        inside = np.interp(tokens, self.prompt_tokens, self.prompt_seconds)
        slope = (self.prompt_seconds[-1] - self.prompt_seconds[-2]) / np.diff(self.prompt_tokens)[-1]
        return np.asarray(inside + slope * np.maximum(tokens - self.prompt_tokens[-1], 0.0))

    def draw_for_prompts(self, tokens: Floats) -> float:
        """Returns the mean draw of a GPU over the time that prompts take, as a share of its limit."""
        shares = np.interp(tokens, self.prompt_tokens, self.prompt_draw)
        return float(np.average(shares, weights=self.seconds_for_prompts(tokens)))


def splitwise_profile(rows: Iterable[Mapping[str, str]], model: str, hardware: str) -> ServingProfile:
    """Reads the sweeps published with Splitwise (Patel et al., ISCA 2024) for one model on 8 GPUs.

    Their peak draw is that of the prompt and their average draw that of decode, which takes most of the time.

    Args:
        rows: With the columns of ``sageserve_perf_model.csv``.
        model: As in the column of that name.
        hardware: As in the column of that name.

    Raises:
        ValueError: No row fits.
    """
    kept = [row for row in rows if (row["model"], row["hardware"]) == (model, hardware)]
    kept = [row for row in kept if row["tensor_parallel"] == "8" and row["token_size"] == _USUAL_OUTPUT]
    prompts = [row for row in kept if row["batch_size"] == _USUAL_BATCH]
    batches = [row for row in kept if row["prompt_size"] == _USUAL_PROMPT]
    if not prompts or not batches:
        raise ValueError(f"no profile of {model} on {hardware} with 8 GPUs")
    sizes, prompt_milliseconds = _means(prompts, "prompt_size", "prompt_time")
    counts, token_milliseconds = _means(batches, "batch_size", "token_time")
    return ServingProfile(
        model=model,
        prompt_tokens=sizes,
        prompt_seconds=prompt_milliseconds / 1000.0,
        prompt_draw=_measured(prompts, "prompt_size", "peak_power", sizes),
        batches=counts,
        token_seconds=token_milliseconds / 1000.0,
        token_draw=_measured(batches, "batch_size", "average_power", counts),
    )


def _measured(rows: list[Mapping[str, str]], key: str, column: str, at: Floats) -> Floats:
    """Returns a column at some keys; 0 stands for "not measured", there the nearest one counts."""
    keys, values = _means([row for row in rows if float(row[column]) > 0], key, column)
    return np.asarray(np.interp(at, keys, values))


def _means(rows: list[Mapping[str, str]], key: str, column: str) -> tuple[Floats, Floats]:
    keys = np.array([float(row[key]) for row in rows])
    values = np.array([float(row[column]) for row in rows])
    unique, index = np.unique(keys, return_inverse=True)
    return unique, np.bincount(index, weights=values) / np.bincount(index)
