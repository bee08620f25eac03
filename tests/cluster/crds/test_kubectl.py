"""What a person sees: columns, categories, short names, selectable fields and explanations."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from deploy.local.cluster import LocalCluster
from tests.cluster.crds.objects import Object, budget, domain, frequencies, plan, policy
from tests.cluster.crds.server import ACTUATOR, PLURALS, Server

Stored = Callable[[Object], Object]

SINCE = "2027-01-15T17:00:00Z"
CRDS = Path(__file__).parents[3] / "crds"


def ready(type_: str = "Ready") -> list[Object]:
    return [{"type": type_, "status": "True", "reason": "Fine", "lastTransitionTime": SINCE}]


def table(text: str) -> dict[str, str]:
    """The one row of a kubectl table, by column; columns are found by where their titles start."""
    head, row = text.splitlines()[:2]
    titles = [part for part in head.split("  ") if part.strip()]
    starts = [head.index(title.strip()) for title in titles]
    ends = [*starts[1:], None]
    return {title.strip(): row[a:b].strip() for title, a, b in zip(titles, starts, ends, strict=True)}


def test_policy_columns(cluster: LocalCluster, server: Server, stored: Stored) -> None:
    body = stored(policy(name="columns"))
    status = {
        "conditions": ready(),
        "cappingActionRequired": True,
        "effectiveCapWatts": 1000,
        "currentPower": {"watts": 950, "pods": 3},
        "comparison": {"withAdviceWatts": 890},
    }
    assert server.merge(body, {"status": status}, subresource="/status").ok
    row = table(cluster.kubectl("get", "pcp", "columns", "-n", "default"))
    row.pop("AGE")
    assert row == {
        "NAME": "columns",
        "MODE": "Off",
        "CAP(W)": "1000",
        "EFFECTIVE(W)": "1000",
        "DRAW(W)": "950",
        "ACTION REQUIRED": "true",
        "ADVISED(W)": "890",
        "READY": "True",
    }


def test_frequencies_columns(cluster: LocalCluster, server: Server, stored: Stored) -> None:
    body = stored(frequencies(powerBudget=budget()))
    confirmed = {"uid": "u", "sequence": 5, "enforcedBudgetWatts": 1980}
    status = {"conditions": ready(), "powerBudget": confirmed, "drawWatts": 1700}
    assert server.merge(body, {"status": status}, subresource="/status").ok
    row = table(cluster.kubectl("get", "nf", "node-1", "-o", "wide"))
    expected = {
        "NODE": "node-1",
        "DOMAIN": "rack-1",
        "GRANT(W)": "2000",
        "ENFORCED(W)": "1980",
        "DRAW(W)": "1700",
        "READY": "True",
        "BASE(W)": "1000",
        "RESERVED(W)": "2500",
        "SEQUENCE": "5",
        "CONFIRMED": "5",
    }
    assert {title: row[title] for title in expected} == expected


def test_domain_columns(cluster: LocalCluster, server: Server, stored: Stored) -> None:
    body = stored(domain(name="columns", parent="cluster", minimumCapWatts=4000, brakePercent=10))
    enforcement = {"effectiveCapWatts": 7200, "reservedWatts": 7000, "heartbeatTime": SINCE}
    observed = {"powerWatts": 6500, "headroomWatts": 700}
    status = {"conditions": ready("Enforced"), "enforcement": enforcement, "observed": observed}
    assert server.merge(body, {"status": status}, subresource="/status", as_user=ACTUATOR).ok
    row = table(cluster.kubectl("get", "pd", "columns", "-o", "wide"))
    expected = {
        "MODE": "Off",
        "CAP(W)": "8000",
        "EFFECTIVE(W)": "7200",
        "RESERVED(W)": "7000",
        "DRAW(W)": "6500",
        "HEADROOM(W)": "700",
        "ENFORCED": "True",
        "PARENT": "cluster",
        "MINIMUM(W)": "4000",
        "BRAKE(%)": "10",
    }
    assert {title: row[title] for title in expected} == expected
    assert row["HEARTBEAT"]


def test_plan_columns(cluster: LocalCluster, server: Server, stored: Stored) -> None:
    body = stored(plan())
    entries = [{"kind": "Node", "name": "node-1", "watts": 1}]
    status = {"capWatts": 5000, "algorithm": "water-filling", "entries": entries}
    assert server.merge(body, {"status": status}, subresource="/status").ok
    row = table(cluster.kubectl("get", "pp", "rack-1", "-o", "wide"))
    expected = {
        "DOMAIN": "rack-1",
        "CAP(W)": "5000",
        "ALGORITHM": "water-filling",
        "SHARD": "0",
        "CHILDREN": "node-1",
    }
    assert {title: row[title] for title in expected} == expected


@pytest.mark.parametrize("category", ["power", "climatik"])
def test_category_shows_every_kind(cluster: LocalCluster, stored: Stored, category: str) -> None:
    for body in (
        policy(name="in-category"),
        domain(name="in-category"),
        frequencies(name="in-category"),
        plan(),
    ):
        stored(body)
    said = cluster.kubectl("get", category, "-n", "default")
    for kind in PLURALS:
        assert f"{kind.lower()}.climatik.io/" in said, said


def test_short_names_clash_with_nothing(cluster: LocalCluster) -> None:
    owners: dict[str, set[str]] = {}
    for line in cluster.kubectl("api-resources", "--no-headers").splitlines():
        plural, *rest = line.split()
        group = rest[-3].split("/")[0]
        names = [plural, *(rest[0].split(",") if len(rest) == 4 else [])]
        for name in names:
            owners.setdefault(name, set()).add(f"{plural}.{group}")
    ours = {"pcp": "powercappingpolicies", "nf": "nodefrequencies", "pd": "powerdomains", "pp": "powerplans"}
    assert {name: owners[name] for name in ours} == {
        name: {f"{plural}.climatik.io"} for name, plural in ours.items()
    }


SELECTABLE = {
    "mode of policies": (policy(name="by-field", updatePolicy={"updateMode": "Initial"}),
                         "spec.updatePolicy.updateMode=Initial"),
    "parent of domains": (domain(name="by-field", parent="hall-9"), "spec.parent=hall-9"),
    "node of frequencies": (frequencies(name="by-field", nodeName="node-9"), "spec.nodeName=node-9"),
    "domain of grants": (frequencies(powerBudget=budget(domain="rack-9")), "spec.powerBudget.domain=rack-9"),
    "domain of plans": (plan(name="rack-9", domain="rack-9"), "spec.domain=rack-9"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "selector"), SELECTABLE.values(), ids=SELECTABLE.keys())
def test_objects_are_found_by_field(server: Server, stored: Stored, body: Object, selector: str) -> None:
    stored(body)
    name = body["metadata"]["name"]
    field = selector.partition("=")[0]
    # The control plane is shared: other tests' objects may bear the same value under other names.
    found = server.list(body["kind"], fieldSelector=f"{selector},metadata.name={name}")
    assert [item["metadata"]["name"] for item in found.body["items"]] == [name]
    others = server.list(body["kind"], fieldSelector=f"{field}=another,metadata.name={name}")
    assert others.body["items"] == []


@pytest.mark.parametrize("plural", PLURALS.values())
def test_explain_describes_every_field_of_spec_and_status(cluster: LocalCluster, plural: str) -> None:
    said = json.loads(cluster.kubectl("get", "--raw", "/openapi/v3/apis/climatik.io/v1alpha1"))
    crd = yaml.safe_load((CRDS / f"{plural}.yaml").read_text())
    schema = next(
        part
        for part in said["components"]["schemas"].values()
        if part.get("x-kubernetes-group-version-kind", [{}])[0].get("kind") == crd["spec"]["names"]["kind"]
    )
    for part in ("spec", "status"):
        for field, content in schema["properties"][part]["properties"].items():
            assert content.get("description"), f"{plural}.{part}.{field}"
    explained = cluster.kubectl("explain", f"{plural}.spec")
    assert "<no description>" not in explained
    assert "FIELDS:" in explained
