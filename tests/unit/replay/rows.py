"""Small rows with loads that a test decides."""

import numpy as np

from common.replay.load import Requests
from common.replay.profile import ServingProfile
from common.replay.row import Limits, Row
from common.replay.server import A100_SERVER
from common.replay.synthetic import synthetic_scenario

PROFILE = ServingProfile(
    model="test",
    prompt_tokens=np.array([100.0, 1000.0]),
    prompt_seconds=np.array([0.1, 1.0]),
    prompt_draw=np.array([1.0, 1.0]),
    batches=np.array([1.0, 10.0]),
    token_seconds=np.array([0.05, 0.05]),
    token_draw=np.array([0.6, 0.6]),
)
RAMP = np.array([0.0, 0.5, 1.0])
DT = 0.25


def requests(rows, servers=1, span=100.0, started=None):
    """From rows of (seconds, server, prompt tokens, output tokens)."""
    table = np.array(rows, dtype=float).reshape(-1, 4)
    return Requests(
        table[:, 0], table[:, 1].astype(np.int64), table[:, 2], table[:, 3],
        np.full(servers, np.inf) if started is None else np.array(started, dtype=float), span,
    )  # fmt: skip


def serve(asked, seconds, limits=None, profile=PROFILE):
    """Serves for some seconds; returns the row and the draw of each step, shape (steps, servers)."""
    row = Row(A100_SERVER, profile, asked, RAMP)
    limits = limits or Limits.none(len(asked.started))
    return row, np.array([row.step(step * DT, DT, limits) for step in range(int(seconds / DT))])


def small_scenario(minutes=8.0):
    """A made-up row, sized like the published one as far as a short trace is."""
    return synthetic_scenario(minutes)
