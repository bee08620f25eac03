"""Facts about domains and nodes, from their statuses alone."""

from datetime import UTC, datetime, timedelta

import pytest

from admission.alerts.facts.domains import domain_facts
from admission.alerts.facts.nodes import node_facts
from common.api.domain import (
    DomainSpec,
    DomainStatus,
    DomainUpdatePolicy,
    Enforcement,
    Observed,
    PowerDomain,
)
from common.api.frequencies import CpuStatus, FrequenciesStatus, GpuStatus, NodeFrequencies
from common.api.meta import Condition, ObjectMeta, rfc3339_micro

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def heartbeat(seconds_ago):
    return Enforcement(heartbeat_time=rfc3339_micro(NOW - timedelta(seconds=seconds_ago)))


def domain(*conditions, mode="Auto", enforcement=None, observed=None):
    return PowerDomain(
        metadata=ObjectMeta(name="rack"),
        spec=DomainSpec(
            cap_watts=1000, update_policy=DomainUpdatePolicy(update_mode=mode), lease_duration_seconds=600
        ),
        status=DomainStatus(conditions=list(conditions), enforcement=enforcement, observed=observed),
    )


OVERBOOKED = Condition(type="Enforced", status="False", reason="OverBooked", message="booked")
HELD = Condition(type="Enforced", status="True", reason="Holding", message="900 W of 1,000 W are booked")
BROKEN = Condition(type="TreeValid", status="False", reason="Cycle", message="a cycle")
STALE = Condition(type="TelemetryStale", status="True", reason="NoTelemetry", message="none")

DOMAINS = {
    "nothing known": (domain(), []),
    "under the cap": (domain(observed=Observed(power_watts=1000, forecast_watts=1000)), []),
    "over the cap": (domain(observed=Observed(power_watts=1001)), [("DomainOverCap", "critical")]),
    "over the cap, advising only": (
        domain(mode="Off", observed=Observed(power_watts=1001)),
        [("DomainOverCap", "critical")],
    ),
    "over a cap that is cut now": (
        domain(enforcement=Enforcement(effective_cap_watts=500), observed=Observed(power_watts=600)),
        [("DomainOverCap", "critical")],
    ),
    "will be over": (
        domain(observed=Observed(power_watts=900, forecast_watts=1100)),
        [("DomainBreachExpected", "warning")],
    ),
    "would be over, but limits hold the cap": (
        domain(HELD, observed=Observed(power_watts=900, forecast_watts=1100)),
        [],
    ),
    "will be over, and no limit is held": (
        domain(HELD, mode="Off", observed=Observed(power_watts=900, forecast_watts=1100)),
        [("DomainBreachExpected", "warning")],
    ),
    "over the cap although it is held": (
        domain(HELD, observed=Observed(power_watts=1001)),
        [("DomainOverCap", "critical")],
    ),
    "cap not held": (domain(OVERBOOKED), [("CapNotHeld", "critical")]),
    "cap not meant to be held": (domain(OVERBOOKED, mode="Off"), []),
    "heartbeat fresh": (domain(enforcement=heartbeat(299)), []),
    "heartbeat late": (domain(enforcement=heartbeat(301)), [("HeartbeatLost", "warning")]),
    "lease lost": (domain(enforcement=heartbeat(601)), [("HeartbeatLost", "critical")]),
    "tree and telemetry": (
        domain(STALE, BROKEN),
        [("TelemetryStale", "warning"), ("TreeInvalid", "warning")],
    ),
}


@pytest.mark.parametrize(("subject", "expected"), DOMAINS.values(), ids=DOMAINS.keys())
def test_facts_of_a_domain(subject, expected):
    assert [(fact.name, fact.severity) for fact in domain_facts(subject, NOW)] == expected


def node(*conditions, gpus=(), cpus=()):
    status = FrequenciesStatus(conditions=list(conditions), gpus=list(gpus), cpus=list(cpus))
    return NodeFrequencies(metadata=ObjectMeta(name="n1"), status=status)


FLOORS = Condition(type="BudgetObeyed", status="False", reason="FloorsTooHigh", message="needs more")
WRITING = Condition(type="BudgetObeyed", status="False", reason="Writing", message="on the way")
NODES = {
    "all well": (node(gpus=[GpuStatus(gpu_id="a", status="Applied")]), []),
    "clamped is no alarm": (node(gpus=[GpuStatus(gpu_id="a", status="Clamped")]), []),
    "failed": (node(gpus=[GpuStatus(gpu_id="a", status="Failed")]), ["DeviceFailed"]),
    "inert": (node(gpus=[GpuStatus(gpu_id="a", status="Inert")]), ["DeviceInert"]),
    "failed CPU": (node(cpus=[CpuStatus(cpu_id=0, status="Failed")]), ["DeviceFailed"]),
    "floors": (node(FLOORS), ["BudgetNotObeyed"]),
    "still writing": (node(WRITING), []),
}


@pytest.mark.parametrize(("subject", "expected"), NODES.values(), ids=NODES.keys())
def test_facts_of_a_node(subject, expected):
    assert [fact.name for fact in node_facts(subject)] == expected


def test_many_devices_are_one_fact_that_names_a_few():
    (fact,) = node_facts(
        node(gpus=[GpuStatus(gpu_id=f"g{i}", status="Failed", reason="lost") for i in range(8)])
    )
    assert fact.detail.startswith("GPU g0: lost; GPU g1: lost")
    assert fact.detail.endswith("and 4 more")
