"""What an error says about a conditional write."""

from __future__ import annotations

import pytest

from actuator.ledger.writes import Outcome
from actuator.output.writer import outcome_of
from common.kube.errors import ConnectionFailed, ConnectionNotMade, DeadlineExceeded, KubeError, api_error

CASES = [
    (api_error(409, b"{}"), Outcome.SETTLED),
    (api_error(422, b"{}"), Outcome.REFUSED),
    (api_error(403, b"{}"), Outcome.REFUSED),
    (api_error(404, b"{}"), Outcome.REFUSED),
    (api_error(500, b"{}"), Outcome.UNKNOWN),
    (api_error(429, b"{}"), Outcome.UNKNOWN),
    (ConnectionFailed("reset"), Outcome.UNKNOWN),
    (DeadlineExceeded("late"), Outcome.UNKNOWN),
    (ConnectionNotMade("refused"), Outcome.REFUSED),
]


@pytest.mark.parametrize(("error", "outcome"), CASES, ids=[f"{type(e).__name__}-{o.name}" for e, o in CASES])
def test_only_a_sure_refusal_frees_what_was_booked(error: KubeError, outcome: Outcome) -> None:
    assert outcome_of(error) is outcome
