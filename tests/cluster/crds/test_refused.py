"""Bad objects are refused by the API server with a message that names the field."""

from typing import Any, NamedTuple

import pytest

from tests.cluster.crds.objects import (
    Object,
    bare_policy,
    budget,
    domain,
    frequencies,
    load_target,
    make,
    plan,
    policy,
    schedule,
)
from tests.cluster.crds.server import ACTUATOR, Server


class Bad(NamedTuple):
    name: str
    body: Object
    field: str
    words: str


def ratio(value: Any) -> Object:
    return bare_policy(performancePowerRatio={"targetRatio": value})


def mode(value: Any, **more: Any) -> Object:
    return policy(updatePolicy={"updateMode": value, **more})


def rack(**changes: Any) -> Object:
    return policy(rackConstraints=[{"rackId": "rack-1", "maxPower": 5000, **changes}])


def expression(**changes: Any) -> Object:
    return policy(selector={"matchExpressions": [{"key": "app", **changes}]})


def parameters(**values: Any) -> Object:
    return policy(customAlgorithms=[{"name": "dynamic-frequency-scaler", "parameters": values}])


def granted(**changes: Any) -> Object:
    return frequencies(powerBudget=budget(**changes))


GPU = {"gpuId": "GPU-1", "targetFrequency": 1200}
POD_CAP = {"gpuId": "GPU-1", "podNamespace": "llm", "podName": "chat-0", "watts": 300}
TARGET = {"apiVersion": "apps/v1", "kind": "Deployment"}

POLICIES = [
    Bad("negative cap", policy(powerCapLimit=-1), "spec.powerCapLimit", "greater than or equal to 1"),
    Bad("cap of zero", policy(powerCapLimit=0), "spec.powerCapLimit", "greater than or equal to 1"),
    Bad("fraction of a watt", policy(powerCapLimit=99.5), "spec.powerCapLimit", "of type int"),
    Bad("cap with a unit", policy(powerCapLimit="1kW"), "spec.powerCapLimit", "of type int"),
    Bad("cap beyond a gigawatt", policy(powerCapLimit=10**10), "spec.powerCapLimit", "less than or equal to"),
    Bad("both kinds of cap", policy(relativeCap={"percent": 80}), "spec.relativeCap", "exclude each other"),
    Bad(
        "no bound at all",
        bare_policy(priority=1),
        "spec.powerCapLimit",
        "the policy bounds nothing: set powerCapLimit",
    ),
    Bad("no spec", {k: v for k, v in policy().items() if k != "spec"}, "spec", "Required value"),
    Bad(
        "peak over 100 percent",
        bare_policy(relativeCap={"percent": 120}),
        "spec.relativeCap.percent",
        "never bind",
    ),
    Bad(
        "relative cap without percent",
        bare_policy(relativeCap={}),
        "spec.relativeCap.percent",
        "Required value",
    ),
    Bad(
        "unknown reference",
        bare_policy(relativeCap={"percent": 80, "of": "Guess"}),
        "spec.relativeCap.of",
        "Average",
    ),
    Bad(
        "threshold over 100",
        policy(cappingThreshold=101),
        "spec.cappingThreshold",
        "less than or equal to 100",
    ),
    Bad(
        "threshold of zero", policy(cappingThreshold=0), "spec.cappingThreshold", "greater than or equal to 1"
    ),
    Bad("unknown mode", mode("Always"), "spec.updatePolicy.updateMode", "Initial"),
    Bad(
        "two modes at once",
        mode(["Initial", "Auto"], levers=["Scale"]),
        "spec.updatePolicy.updateMode",
        "array",
    ),
    Bad("mode as YAML reads a bare Off", mode(False), "spec.updatePolicy.updateMode", "boolean"),
    Bad("Auto without levers", mode("Auto"), "spec.updatePolicy.levers", "name at least one of Frequency"),
    Bad("unknown lever", mode("Auto", levers=["Unplug"]), "spec.updatePolicy.levers[0]", "PowerLimit"),
    Bad(
        "lever twice",
        mode("Auto", levers=["Scale", "Scale"]),
        "spec.updatePolicy.levers[1]",
        "Duplicate value",
    ),
    Bad(
        "negative replicas",
        mode("Off", minReplicas=-1),
        "spec.updatePolicy.minReplicas",
        "greater than or equal to 0",
    ),
    Bad("unknown workload type", policy(workloadType="Mining"), "spec.workloadType", "Training"),
    Bad("guarantee over the cap", policy(guaranteedWatts=2000), "spec.guaranteedWatts", "over powerCapLimit"),
    Bad(
        "negative guarantee", policy(guaranteedWatts=-5), "spec.guaranteedWatts", "greater than or equal to 0"
    ),
    Bad("ratio of zero", ratio(0), "spec.performancePowerRatio.targetRatio", "greater than 0"),
    Bad("ratio as text", ratio("0.8"), "spec.performancePowerRatio.targetRatio", "number"),
    Bad(
        "negative slowdown",
        policy(maxSlowdownPercent=-1),
        "spec.maxSlowdownPercent",
        "greater than or equal to 0",
    ),
    Bad(
        "latency in fractions",
        policy(interTokenLatencyMilliseconds=0.5),
        "spec.interTokenLatencyMilliseconds",
        "of type int",
    ),
    Bad("rack without a bound", rack(maxPower=None), "spec.rackConstraints[0].maxPower", "nothing bounds it"),
    Bad("rack without a name", rack(rackId=None), "spec.rackConstraints[0].rackId", "Required value"),
    Bad("rack at 200 degrees", rack(maxTemperature=200), "spec.rackConstraints[0].maxTemperature", "100"),
    Bad(
        "rack twice",
        policy(rackConstraints=[{"rackId": "rack-1", "maxPower": watts} for watts in (1, 2)]),
        "spec.rackConstraints[1]",
        "Duplicate value",
    ),
    Bad(
        "In without values",
        expression(operator="In"),
        "spec.selector.matchExpressions[0].values",
        "at least one",
    ),
    Bad(
        "Exists with values",
        expression(operator="Exists", values=["x"]),
        "spec.selector.matchExpressions[0].values",
        "take none",
    ),
    Bad(
        "unknown operator",
        expression(operator="Gt"),
        "spec.selector.matchExpressions[0].operator",
        "DoesNotExist",
    ),
    Bad(
        "algorithm parameter as fraction",
        parameters(**{"scaling-factor": 0.8}),
        "spec.customAlgorithms[0].parameters.scaling-factor",
        "number",
    ),
    Bad(
        "algorithm without a name",
        policy(customAlgorithms=[{}]),
        "spec.customAlgorithms[0].name",
        "Required value",
    ),
    Bad(
        "too many scale targets",
        policy(scaleTargetRefs=[{**TARGET, "name": f"d{i}"} for i in range(17)]),
        "spec.scaleTargetRefs",
        "must have at most 16 items",
    ),
    Bad(
        "scale target without a kind",
        policy(scaleTargetRefs=[{"apiVersion": "apps/v1", "name": "d"}]),
        "spec.scaleTargetRefs[0].kind",
        "Required value",
    ),
]

DOMAINS = [
    Bad("own parent", domain(parent="probe"), "spec.parent", "cannot be its own parent"),
    Bad("negative cap", domain(capWatts=-1), "spec.capWatts", "greater than or equal to 1"),
    Bad("fraction of a watt", domain(capWatts=10.5), "spec.capWatts", "of type int"),
    Bad("minimum over the cap", domain(minimumCapWatts=9000), "spec.minimumCapWatts", "over capWatts"),
    Bad(
        "mode Initial", domain(updatePolicy={"updateMode": "Initial"}), "spec.updatePolicy.updateMode", "Auto"
    ),
    Bad("brake over 100", domain(brakePercent=101), "spec.brakePercent", "less than or equal to 100"),
    Bad("negative brake", domain(brakePercent=-1), "spec.brakePercent", "greater than or equal to 0"),
    Bad(
        "lease of zero",
        domain(leaseDurationSeconds=0),
        "spec.leaseDurationSeconds",
        "greater than or equal to 1",
    ),
    Bad("watts and percent", load_target(percent=50), "spec.loadTarget.watts", "exactly one"),
    Bad("neither watts nor percent", load_target(watts=None), "spec.loadTarget.watts", "exactly one"),
    Bad(
        "end before start",
        load_target(endTime="2027-01-15T16:00:00Z"),
        "spec.loadTarget.endTime",
        "not after startTime",
    ),
    Bad("start is no time", load_target(startTime="at noon"), "spec.loadTarget.startTime", "date-time"),
    Bad(
        "target under the minimum",
        domain(minimumCapWatts=7000, loadTarget=load_target()["spec"]["loadTarget"]),
        "spec.loadTarget.watts",
        "under minimumCapWatts",
    ),
    Bad(
        "percent of nothing",
        make(
            "PowerDomain", "probe", {"loadTarget": load_target(watts=None, percent=50)["spec"]["loadTarget"]}
        ),
        "spec.loadTarget.percent",
        "set capWatts",
    ),
    Bad("three cron fields", schedule(start="0 17 *"), "spec.capSchedules[0].start", "write five fields"),
    Bad(
        "hour 25", schedule(start="0 25 * * *"), "spec.capSchedules[0].start", "the hour of start takes 0-23"
    ),
    Bad("weekday 8", schedule(start="0 1 * * 8"), "spec.capSchedules[0].start", "the day of week of start"),
    Bad(
        "endless time zone",
        schedule(timeZone="A" * 65),
        "spec.capSchedules[0].timeZone",
        "may not be more than 64",
    ),
    Bad("window without end", schedule(durationSeconds=0), "spec.capSchedules[0].durationSeconds", "60"),
    Bad(
        "schedule under the minimum",
        domain(minimumCapWatts=5000, capSchedules=schedule()["spec"]["capSchedules"]),
        "spec.capSchedules",
        "under minimumCapWatts",
    ),
    Bad(
        "too many schedules",
        domain(
            capSchedules=[
                {"start": f"{minute} 1 * * *", "durationSeconds": 60, "capWatts": 1} for minute in range(33)
            ]
        ),
        "spec.capSchedules",
        "must have at most 32 items",
    ),
]

FREQUENCIES = [
    Bad("no node", make("NodeFrequencies", "probe", {}), "spec.nodeName", "Required value"),
    Bad("node name with capitals", frequencies(nodeName="Node"), "spec.nodeName", "should match"),
    Bad("negative clock", frequencies(gpuFrequencies=[{**GPU, "targetFrequency": -1}]),
        "spec.gpuFrequencies[0].targetFrequency", "greater than or equal to 1"),
    Bad("GPU without id", frequencies(gpuFrequencies=[{"targetFrequency": 1}]),
        "spec.gpuFrequencies[0].gpuId", "Required value"),
    Bad("GPU twice", frequencies(gpuFrequencies=[GPU, GPU]), "spec.gpuFrequencies[1]", "Duplicate value"),
    Bad("CPU by name", frequencies(cpuFrequencies=[{"cpuId": "cpu0", "targetFrequency": 1}]),
        "spec.cpuFrequencies[0].cpuId", "of type int"),
    Bad("negative limit", frequencies(gpuPowerLimits=[{"gpuId": "GPU-1", "watts": -300}]),
        "spec.gpuPowerLimits[0].watts", "greater than or equal to 0"),
    Bad("limit in fractions", frequencies(cpuPowerLimits=[{"packageId": 0, "watts": 99.9}]),
        "spec.cpuPowerLimits[0].watts", "of type int"),
    Bad("cap of a pod without its name", frequencies(podPowerLimits=[{**POD_CAP, "podName": ""}]),
        "spec.podPowerLimits[0].podName", "at least 1 chars"),
    Bad("cap of a pod without watts",
        frequencies(podPowerLimits=[{k: v for k, v in POD_CAP.items() if k != "watts"}]),
        "spec.podPowerLimits[0].watts", "Required value"),
    Bad("one pod capped twice on a GPU", frequencies(podPowerLimits=[POD_CAP, {**POD_CAP, "watts": 200}]),
        "spec.podPowerLimits[1]", "Duplicate value"),
    Bad("too many GPUs", frequencies(gpuPowerLimits=[{"gpuId": f"GPU-{i}", "watts": 1} for i in range(65)]),
        "spec.gpuPowerLimits", "must have at most 64 items"),
    Bad("budget under another name", {**granted(), "metadata": {"name": "request"}},
        "spec.powerBudget", "only in the object that bears the node's name"),
    Bad("grant under base", granted(grantWatts=900), "spec.powerBudget.grantWatts", "under baseWatts"),
    Bad("reserve under grant", granted(reservedWatts=1999),
        "spec.powerBudget.reservedWatts", "under grantWatts"),
    Bad("budget of no domain", granted(domain=""), "spec.powerBudget.domain", "at least 1 chars long"),
    Bad("budget without sequence", granted(sequence=None), "spec.powerBudget.sequence", "Required value"),
    Bad("negative epoch", granted(leaderEpoch=-1),
        "spec.powerBudget.leaderEpoch", "greater than or equal to 0"),
]  # fmt: skip

PLANS = [
    Bad("no domain", make("PowerPlan", "rack-1", {}), "spec.domain", "Required value"),
    Bad("name of another domain", plan(name="rack-2"), "spec.domain", "do not fit the object's name"),
    Bad("shard without its number", plan(shard=1), "spec.domain", "do not fit the object's name"),
    Bad("negative shard", plan(shard=-1), "spec.shard", "greater than or equal to 0"),
]


def identify(case: Bad) -> str:
    return f"{case.body['kind']}: {case.name}"


@pytest.mark.parametrize("case", [*POLICIES, *DOMAINS, *FREQUENCIES, *PLANS], ids=identify)
def test_bad_object_is_refused_by_field(server: Server, case: Bad) -> None:
    answer = server.create(case.body, as_user=ACTUATOR if case in FREQUENCIES else "", dry_run=True)
    assert answer.code == 422, answer.body
    hits = [message for field, message in answer.causes if field == case.field]
    assert hits, f"no cause names {case.field}: {answer.causes}"
    assert any(case.words in message for message in hits), hits


UNKNOWN = [
    Bad("policy", policy(powerCapWatts=1), "spec.powerCapWatts", ""),
    Bad("nested in a policy", mode("Off", lever=["Scale"]), "spec.updatePolicy.lever", ""),
    Bad("domain", domain(brake=40), "spec.brake", ""),
    Bad("load target", load_target(begin="now"), "spec.loadTarget.begin", ""),
    Bad("frequencies", frequencies(gpus=[]), "spec.gpus", ""),
    Bad("plan", plan(capWatts=1), "spec.capWatts", ""),
]


@pytest.mark.parametrize("case", UNKNOWN, ids=identify)
def test_unknown_field_is_refused_under_strict_validation(server: Server, case: Bad) -> None:
    answer = server.create(case.body, dry_run=True)
    assert answer.code == 400, answer.body
    assert f'unknown field "{case.field}"' in answer.message


def test_the_objects_that_the_cases_start_from_are_valid(server: Server) -> None:
    good = [
        policy(),
        mode("Auto", levers=["Scale"]),
        rack(),
        domain(),
        load_target(),
        schedule(),
        granted(),
        plan(),
    ]
    for body in good:
        answer = server.create(
            body, as_user=ACTUATOR if body["kind"] == "NodeFrequencies" else "", dry_run=True
        )
        assert answer.ok, answer.message
