"""Profiles of served models (Splitwise format), and the error of predicting each model from the others.

Data: shashwatj07/SageServe (MIT); any ``llm/*.csv`` under ``--data`` with its columns. A zero in a power
column is missing. Energy of a token is mean power x cards x time of a request over its tokens. Board power,
bandwidth and FLOP/s come from data sheets; a model's parameters from its name (``llama2-70b``).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.models.serving import CARDS, Configuration, Measurement, Prediction, ServingModel
from common.models.serving.model import prediction

_SIZE = re.compile(r"(\d+(?:\.\d+)?)b\b")
_IDLE_SHARE_OF_PEAK = 0.2


@dataclass(frozen=True)
class Profile:
    """One row: the model's name, what was measured, and whether its mean power is believable.

    It is not where it is at idle level (a fifth of the peak) although the run kept its GPUs busy throughout.
    """

    model: str
    measurement: Measurement
    plausible: bool

    @property
    def measured(self) -> Prediction | None:
        """Energy and speed as measured; None without power."""
        one = self.measurement
        if one.power_share is None:
            return None
        return prediction(one.configuration, one.prompt_seconds, one.token_seconds, one.power_share)


def read_profiles(folder: Path) -> list[Profile]:
    """Returns all rows of known cards and models."""
    rows = [row for path in sorted((folder / "llm").glob("*.csv")) for row in _rows(path)]
    return [profile for row in rows if (profile := _profile(row)) is not None]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _profile(row: dict[str, str]) -> Profile | None:
    size, card = _SIZE.search(row.get("model", "")), CARDS.get(row.get("hardware", ""))
    if size is None or card is None or not row.get("token_time"):
        return None
    configuration = Configuration(
        parameters=float(size.group(1)) * 1e9,
        card=card,
        gpus=int(float(row["tensor_parallel"])),
        batch=int(float(row["batch_size"])),
        prompt_tokens=int(float(row["prompt_size"])),
        output_tokens=int(float(row["token_size"])),
    )
    average, peak = float(row["average_power"] or 0), float(row["peak_power"] or 0)
    times = float(row["prompt_time"]) / 1000, float(row["token_time"]) / 1000
    measurement = Measurement(configuration, *times, average or None)
    return Profile(row["model"], measurement, average > _IDLE_SHARE_OF_PEAK * peak)


def leave_one_model_out(profiles: list[Profile]) -> dict[str, float | int]:
    """Returns errors over all rows with power, each predicted by a fit that never saw its model."""
    errors, plausible, tokens = [], [], []
    for model in sorted({one.model for one in profiles}):
        fitted = ServingModel([one.measurement for one in profiles if one.model != model])
        for one in (each for each in profiles if each.model == model):
            expected = fitted.predict(one.measurement.configuration)
            tokens.append(abs(expected.token_seconds / one.measurement.token_seconds - 1))
            if one.measured is not None:
                errors.append(abs(expected.joules_per_token / one.measured.joules_per_token - 1))
                plausible.append(one.plausible)
    if not errors:
        return {}
    return {
        "joules_per_token_error_percent": 100 * float(np.mean(errors)),
        "joules_per_token_median_error_percent": 100 * float(np.median(errors)),
        "joules_per_token_error_of_plausible_rows_percent": 100 * float(np.mean(np.array(errors)[plausible])),
        "implausible_rows": len(errors) - sum(plausible),
        "token_seconds_error_percent": 100 * float(np.mean(tokens)),
        "profiles_with_power": len(errors),
    }
