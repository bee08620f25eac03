"""Every write holds for one version of one object: landing late, it lands on nothing."""

from __future__ import annotations

from typing import Any

import pytest

from actuator.ledger.writes import WriteBudget, WriteEnforcement
from actuator.logic.setpoints import SetPoints
from actuator.output.bodies import (
    budget_body,
    conditions_body,
    enforcement_body,
    farewell_body,
    finalizer_body,
    points_body,
)
from common.api.domain import Enforcement
from common.api.frequencies import FrequenciesSpec, NodeFrequencies
from common.api.meta import ObjectMeta
from tests.unit.actuator.budgets import BUDGET

META = ObjectMeta(name="n", uid="u", resource_version="7")
WORD = Enforcement(
    leader_epoch=1, heartbeat_time="2026-01-01T00:00:00Z", effective_cap_watts=9, granted_cap_watts=9,
    base_watts=2, reserved_watts=6,
)  # fmt: skip
BODIES: dict[str, dict[str, Any]] = {
    "a budget": budget_body(WriteBudget("n", "u", 7, BUDGET, "", "why"), SetPoints()),
    "set points": points_body(
        NodeFrequencies(metadata=META, spec=FrequenciesSpec(node_name="n")), SetPoints()
    ),
    "a farewell": farewell_body(META),
    "an enforcement": enforcement_body(WriteEnforcement("n", "u", 7, WORD), []),
    "the conditions of a domain that is not held": conditions_body(META, []),
    "a finalizer": finalizer_body(META, held=True),
    "no finalizer": finalizer_body(META, held=False),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_it_names_what_it_builds_upon(body: dict[str, Any]) -> None:
    metadata = body["metadata"]
    assert (metadata["name"], metadata["uid"], metadata["resourceVersion"]) == ("n", "u", "7")
