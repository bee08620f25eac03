"""Rule 1, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actuator.ledger.reserve import base_watts, is_confirmed, reserve_watts
from actuator.ledger.views import FrequenciesView, Identity, NodeView
from tests.unit.actuator.budgets import BUDGET, STATUS

NODE = NodeView("n", Identity("node", "boot"), 2000, "row", (), FrequenciesView("nf", 7, BUDGET, STATUS, 1))


def with_status(**changes: object) -> NodeView:
    from msgspec.structs import replace as change

    return _with(status=change(STATUS, **changes))


def with_budget(**changes: object) -> NodeView:
    from msgspec.structs import replace as change

    return _with(budget=change(BUDGET, **changes))


def _with(**changes: object) -> NodeView:
    assert NODE.frequencies is not None
    return replace(NODE, frequencies=replace(NODE.frequencies, **changes))


CASES = {
    "confirmed": (NODE, 600, 200),
    "devices above the grant": (with_status(enforced_budget_watts=900), 900, 200),
    "an older sequence confirmed": (with_status(sequence=4), 800, 200),
    "a status ahead of the spec": (with_status(sequence=6), 1500, 200),
    "another object confirmed": (with_status(uid="old"), 1500, 1500),
    "rebooted": (replace(NODE, identity=Identity("node", "boot-2")), 1500, 1500),
    "replaced by a machine that may be larger": (
        replace(NODE, identity=Identity("node-2", "boot")),
        2000,
        2000,
    ),
    "no Node object": (replace(NODE, identity=None), 2000, 2000),
    "unknown protocol": (_with(protocol_version=2), 1500, 1500),
    "no agent ever": (_with(status=None), 2000, 2000),
    "no object": (replace(NODE, frequencies=None), 2000, 2000),
    "no budget": (_with(budget=None), 1500, 1500),
    "released": (with_budget(release=True), 1500, 1500),
    "release not confirmed": (with_budget(release=True, sequence=6, reserved_watts=1500), 1500, 1500),
}


@pytest.mark.parametrize("name", CASES)
def test_reserve_and_base(name: str) -> None:
    node, reserve, base = CASES[name]
    assert (reserve_watts(node), base_watts(node)) == (reserve, base)


def test_only_the_present_sequence_under_the_present_boot_is_confirmed() -> None:
    assert [name for name, (node, _, _) in CASES.items() if is_confirmed(node)] == [
        "confirmed",
        "devices above the grant",
        "released",
    ]
