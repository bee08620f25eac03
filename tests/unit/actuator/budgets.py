"""A budget that its node has confirmed."""

from __future__ import annotations

from common.api.frequencies import BudgetStatus, PowerBudget

BUDGET = PowerBudget(
    sequence=5,
    leader_epoch=1,
    domain="row",
    base_watts=200,
    grant_watts=600,
    reserved_watts=800,
    lease_duration_seconds=600,
)
STATUS = BudgetStatus(
    uid="nf",
    sequence=5,
    node_uid="node",
    boot_id="boot",
    enforced_budget_watts=590,
    nameplate_watts=1500,
    minimum_budget_watts=150,
)
