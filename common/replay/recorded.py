"""Reads the recordings that a replay runs on; the project ships none of them.

``load/azure2023_conv.csv``: Azure/AzurePublicDataset, LLM inference trace 2023, conversation (CC-BY-4.0).
``llm/sageserve_perf_model.csv``: Splitwise profiles as published with shashwatj07/SageServe (MIT).
``node_power/*.csv``: wall power of 8-GPU nodes from mlcommons/inference_results_v4.1 (Apache-2.0).
"""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import numpy as np

from common.replay.load import Trace, ramp_of
from common.replay.profile import Floats, ServingProfile, splitwise_profile

LOAD, PROFILE, NODE_POWER = "load", "llm/sageserve_perf_model.csv", "node_power"
_MICROSECONDS_END = 26


def read_trace(folder: Path) -> Trace:
    """Returns the requests of the first Azure trace under a data folder (``load/azure*.csv``).

    Raises:
        FileNotFoundError: There is none.
    """
    files = sorted((folder / LOAD).glob("azure*.csv"))
    if not files:
        raise FileNotFoundError(f"no {LOAD}/azure*.csv under {folder}")
    with files[0].open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    at = np.array([datetime.fromisoformat(row["TIMESTAMP"][:_MICROSECONDS_END]).timestamp() for row in rows])
    return Trace(
        seconds=at - at[0],
        prompt_tokens=np.array([float(row["ContextTokens"]) for row in rows]),
        output_tokens=np.array([float(row["GeneratedTokens"]) for row in rows]),
    )


def read_profile(folder: Path, model: str, hardware: str = "a100-80gb") -> ServingProfile:
    """Returns the Splitwise profile of a model under a data folder."""
    with (folder / PROFILE).open(newline="") as lines:
        return splitwise_profile(list(csv.DictReader(lines)), model, hardware)


def read_ramp(folder: Path) -> Floats:
    """Returns how the draw of a node rises when it starts, from the recordings under a data folder."""
    files = sorted((folder / NODE_POWER).glob("*.csv"))
    return ramp_of([np.loadtxt(path, delimiter=",", skiprows=1)[:, 1] for path in files])
