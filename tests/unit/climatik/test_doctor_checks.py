"""Each mistake is named from what was seen, and what is right is left alone."""

import pytest

from climatik.doctor.checks import examine
from climatik.doctor.facts import Facts, Row, SummingRule, Target
from climatik.doctor.questions import (
    BOARDS,
    BUSY,
    CHANGES,
    KEPLER_NODES,
    KEPLER_PODS,
    LAST_SAMPLE,
    LAST_SCRAPE,
    LIMITED,
    MEASURING,
    NODE_CLOCK,
    NOW,
    OURS,
    PERSISTENCE,
    PRESENT,
    RIVAL_AGENTS,
    RIVAL_LABELS,
    UP,
)

AT = 1_000_000.0
HERE = {"job": "dcgm", "instance": "a:9400"}
STRANGER = {"job": "shop", "instance": "y"}
TARGET = Target("dcgm", "a:9400")
BOARD = {"__name__": "DCGM_FI_DEV_POWER_USAGE", "UUID": "GPU-1", **HERE}
SOMETHING = {PRESENT: [Row({"__name__": "DCGM_FI_DEV_POWER_USAGE"}, 1)]}


def found(answers, **others):
    return [finding.id for finding in examine(Facts(AT, {**SOMETHING, **answers}, **others))]


def limited(*boards):
    return {BOARDS: [Row(board, 300) for board in boards], LIMITED: [Row({"gpu_uuid": "GPU-1"}, 400)]}


def zones(*names):
    return {
        KEPLER_NODES: [Row({"zone": name, "node_name": "k", **HERE}, 1) for name in names],
        KEPLER_PODS: [Row(HERE, 1)],
    }


MIG = [{**BOARD, "GPU_I_ID": each} for each in "12"]


def rule(expression):
    return {"rules": [SummingRule("r", expression)]}


@pytest.mark.parametrize(
    ("answers", "others", "expected"),
    [
        ({PRESENT: []}, {}, ["no-power-series"]),
        ({PRESENT: []}, {"ahead": {TARGET: AT + 100}}, ["clock-skew"]),
        ({UP: [Row(HERE, 0)]}, {}, ["target-down"]),
        ({UP: [Row(STRANGER, 0)], MEASURING: [Row(STRANGER, 1)]}, {}, ["target-down"]),
        ({UP: [Row(STRANGER, 0)]}, {}, []),
        ({}, {"spacing": {TARGET: [5, 5, 5, 60, 5]}}, ["scrape-gaps"]),
        ({}, {"spacing": {TARGET: [5, 5, 5, 12, 5]}}, []),
        ({}, {"spacing": {TARGET: [30, 30]}}, ["slow-exporter"]),
        ({}, {"spacing": {TARGET: [15, 15, 15]}}, []),
        ({CHANGES: [Row(HERE, 10)]}, {"spacing": {TARGET: [5] * 60}}, ["slow-exporter"]),
        ({CHANGES: [Row(HERE, 1)]}, {"spacing": {TARGET: [5] * 60}}, []),
        ({NOW: [Row({}, AT + 20)]}, {}, ["clock-skew"]),
        ({NOW: [Row({}, AT + 2)]}, {}, []),
        ({UP: [Row(HERE, 1)], LAST_SAMPLE: [Row(HERE, AT - 90)], LAST_SCRAPE: [Row(HERE, AT)]}, {},
         ["clock-skew"]),
        ({UP: [Row(HERE, 1)], LAST_SAMPLE: [Row(HERE, AT - 3)], LAST_SCRAPE: [Row(HERE, AT)]}, {}, []),
        ({NODE_CLOCK: [Row(HERE, -9)]}, {}, ["clock-skew"]),
        ({**zones("package"), KEPLER_PODS: []}, {}, ["kepler-without-pods"]),
        (zones("core", "package"), {}, []),
        (zones("core", "package"), rule("sum(kepler_node_cpu_watts)"), ["kepler-zones-summed"]),
        (zones("core", "package"), rule('sum(kepler_pod_cpu_watts{state!="x"})'), ["kepler-zones-summed"]),
        (zones("core", "package"), rule('sum(kepler_node_cpu_watts{zone="package"})'), []),
        (zones("core", "package"), rule("sum by (node_name, zone) (kepler_node_cpu_watts)"), []),
        (zones("package"), rule("sum(kepler_node_cpu_watts)"), []),
        (limited(*MIG), rule("sum(DCGM_FI_DEV_POWER_USAGE)"), ["mig-double-count"]),
        (limited(*MIG), rule("sum(max by (UUID) (DCGM_FI_DEV_POWER_USAGE))"), []),
        (limited(*MIG), rule("sum(max(DCGM_FI_DEV_POWER_USAGE) by (Hostname, UUID))"), []),
        (limited(*MIG), {"rules": None}, []),
        (limited(BOARD), rule("sum(DCGM_FI_DEV_POWER_USAGE)"), []),
        ({BOARDS: [Row(BOARD, 300)]}, {}, ["limits-missing"]),
        ({PERSISTENCE: [Row(BOARD, 0)]}, {}, ["no-persistence-mode"]),
        ({**limited(BOARD), BUSY: [Row(BOARD, 90)]}, {}, ["pod-labels-missing"]),
        (limited(BOARD), {}, []),
        ({**limited({**BOARD, "pod": "x"}), BUSY: [Row(BOARD, 9)], UP: [Row({**HERE, "pod": "x"}, 1)]}, {},
         ["pod-labels-missing"]),
        ({**limited({**BOARD, "pod": "x", "exported_pod": "p"}), BUSY: [Row(BOARD, 9)],
          UP: [Row({**HERE, "pod": "x"}, 1)]}, {}, []),
        ({OURS: [Row({}, 1)], RIVAL_AGENTS: [Row({"__name__": "dynamo_power_agent_x"}, 1)]}, {},
         ["two-writers"]),
        ({RIVAL_LABELS: [Row({"label_joulie_io_power_profile": "eco"}, 1)]}, {}, []),
    ],
    ids=[
        "nothing-measured", "only-from-the-future", "down-by-name", "down-by-memory", "stranger-down",
        "gap", "one-late-scrape", "scraped-slowly", "usual-scrapes", "collected-slowly", "constant-draw",
        "server-clock", "server-clock-close", "target-behind", "target-in-time", "node-clock",
        "kube-not-enabled", "several-zones-are-no-mistake", "zones-summed", "pods-zones-summed", "zone-taken",
        "kept-by-zone", "one-zone-alone", "mig-summed", "mig-maximum", "mig-maximum-by-after", "rules-untold",
        "boards-summed-once", "no-limits", "persistence-off", "busy-without-pod", "idle-without-pod",
        "exporters-own-pod", "workload-beside-own-pod", "dynamo", "rival-without-ours",
    ],
)  # fmt: skip
def test_what_was_seen_leads_to_findings(answers, others, expected):
    assert found(answers, **others) == expected


def test_errors_come_first_and_every_finding_has_a_remedy():
    facts = Facts(AT, {**SOMETHING, BOARDS: [Row(BOARD, 300)], UP: [Row(HERE, 0)]})
    findings = examine(facts)
    assert [finding.severity for finding in findings] == ["error", "warning"]
    assert all(finding.remedy for finding in findings)
    assert "a:9400" in findings[0].seen
    assert "GPU-1" in findings[1].seen
