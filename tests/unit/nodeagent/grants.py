"""Builders of what the agent reads: NodeFrequencies with grants, and domains with a heartbeat."""

from datetime import UTC, datetime, timedelta

from common.api.domain import DomainSpec, DomainStatus, DomainUpdatePolicy, Enforcement, PowerDomain
from common.api.frequencies import FrequenciesSpec, NodeFrequencies, PowerBudget
from common.api.meta import ObjectMeta, rfc3339_micro
from nodeagent.obedience.heartbeat import Moment

START = datetime(2026, 1, 1, tzinfo=UTC)
NODE = "node-1"


def budget(sequence=1, grant=4000, base=2000, *, release=False, lease=600, domain="row-1"):
    return PowerBudget(
        sequence=sequence,
        leader_epoch=1,
        domain=domain,
        base_watts=base,
        grant_watts=grant,
        # A release is booked at nameplate.
        reserved_watts=max(grant, 20_000 if release else 5000),
        lease_duration_seconds=lease,
        release=release,
    )


def frequencies(power_budget=None, uid="u1", node=NODE, **spec):
    return NodeFrequencies(
        metadata=ObjectMeta(name=NODE, uid=uid, generation=power_budget.sequence if power_budget else 1),
        spec=FrequenciesSpec(node_name=node, power_budget=power_budget, **spec),
    )


def domain(
    name="row-1", *, cap=10_000, granted=10_000, base=4000, age=0.0, mode="Auto", parent="", brake=None
):
    return PowerDomain(
        metadata=ObjectMeta(name=name, uid=name),
        spec=DomainSpec(
            parent=parent,
            cap_watts=cap,
            brake_percent=brake,
            minimum_cap_watts=base,
            update_policy=DomainUpdatePolicy(update_mode=mode),
        ),
        status=DomainStatus(
            enforcement=Enforcement(
                leader_epoch=1,
                heartbeat_time=rfc3339_micro(START - timedelta(seconds=age)),
                effective_cap_watts=granted,
                granted_cap_watts=granted,
                base_watts=base,
            )
        ),
    )


def domains(*found):
    return {item.name: item for item in found}


def at(seconds=0.0):
    return Moment(1000.0 + seconds, START + timedelta(seconds=seconds))
