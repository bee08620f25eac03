"""What the admission policies leave of the access rules: which fields each binary's token may write."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from deploy.local.cluster import LocalCluster
from deploy.local.kubectl import Kubectl, KubectlError
from deploy.local.processes import wait_until

BUDGET = {
    "sequence": 1,
    "leaderEpoch": 1,
    "domain": "row-1",
    "baseWatts": 2000,
    "grantWatts": 3000,
    "reservedWatts": 3000,
    "leaseDurationSeconds": 600,
}
WATTS = {"status": {"capacity": {"climatik.io/watts": "5950"}}}
HOT = {"key": "climatik.io/hot", "value": "inlet", "effect": "PreferNoSchedule"}
UNCAPPED = {"spec": {"taints": [{"key": "climatik.io/uncapped", "effect": "NoSchedule"}]}}


@pytest.fixture(scope="module", autouse=True)
def _policies_in_force(cluster: LocalCluster) -> None:
    """The API server takes up a new admission policy within a second or two."""
    attempt = _object("NodeFrequencies", "probe", {"nodeName": "probe", "powerBudget": BUDGET})

    def refused() -> bool:
        try:
            cluster.kubectl("create", "--dry-run=server", "-f", "-", input=attempt)
        except KubectlError as error:
            return "written by the actuator alone" in str(error)
        return False

    wait_until(refused, "admission policies", timeout_seconds=30)


@pytest.fixture
def node(cluster: LocalCluster) -> Iterator[str]:
    with _ready_node(cluster) as name:
        yield name


@pytest.fixture
def other_node(cluster: LocalCluster) -> Iterator[str]:
    with _ready_node(cluster) as name:
        yield name


@contextmanager
def _ready_node(cluster: LocalCluster) -> Iterator[str]:
    """A node without taints: those that it bears until it is Ready would change under the tests."""
    name = f"node-{uuid.uuid4().hex[:6]}"
    metadata = {"name": name, "annotations": {"kwok.x-k8s.io/node": "fake"}}
    content = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata,
        "status": {"capacity": {"cpu": "64"}},
    }
    cluster.kubectl("create", "-f", "-", input=json.dumps(content))
    wait_until(
        lambda: (
            cluster.kubectl("get", "node", name, "-o", "jsonpath={.spec.taints}{.status.phase}") == "Running"
        ),
        f"node {name} without taints",
        timeout_seconds=30,
    )
    yield name
    cluster.kubectl("delete", "node", name, "--wait=false")


@pytest.fixture
def domain(cluster: LocalCluster) -> Iterator[str]:
    name = f"row-{uuid.uuid4().hex[:6]}"
    spec = {"capWatts": 10000, "minimumCapWatts": 5000, "nodeSelector": {"matchLabels": {"row": name}}}
    cluster.kubectl("apply", "-f", "-", input=_object("PowerDomain", name, spec))
    yield name
    cluster.kubectl("delete", "powerdomain", name, "--wait=false")


@pytest.fixture
def frequencies(cluster: LocalCluster, node: str) -> Iterator[str]:
    """The NodeFrequencies of the node, with a budget that the actuator wrote."""
    spec = {"nodeName": node, "powerBudget": BUDGET}
    as_actuator(cluster).run("create", "-f", "-", input=_object("NodeFrequencies", node, spec))
    yield node
    cluster.kubectl("delete", "nodefrequencies", node, "--wait=false")


def as_actuator(cluster: LocalCluster) -> Kubectl:
    return cluster.kubectl_as(cluster.kubeconfig_for("climatik-actuator"))


def as_agent(cluster: LocalCluster, node: str) -> Kubectl:
    return cluster.kubectl_as(cluster.kubeconfig_for("climatik-nodeagent", node=node))


def _object(kind: str, name: str, spec: Mapping[str, object]) -> str:
    content = {"apiVersion": "climatik.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}
    return json.dumps(content)


def _read(cluster: LocalCluster, kind: str, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(cluster.kubectl("get", kind, name, "-o", "json"))
    return content


def _taints(node: Mapping[str, Any]) -> list[str]:
    return [taint["key"] for taint in node["spec"].get("taints", [])]


def _patch(
    kubectl: Kubectl, kind: str, name: str, patch: Mapping[str, object], subresource: str = ""
) -> None:
    where = [f"--subresource={subresource}"] if subresource else []
    form = "strategic" if kind == "node" else "merge"
    kubectl.run("patch", kind, name, f"--type={form}", "-p", json.dumps(patch), *where)


class TestPowerBudget:
    def test_actuator_writes_and_changes_it(self, cluster: LocalCluster, frequencies: str) -> None:
        change = {"sequence": 2, "grantWatts": 2500}
        _patch(as_actuator(cluster), "nodefrequencies", frequencies, {"spec": {"powerBudget": change}})
        written = cluster.kubectl("get", "nf", frequencies, "-o", "jsonpath={.spec.powerBudget}")
        assert json.loads(written) == {"release": False, **BUDGET, **change}

    @pytest.mark.parametrize(
        "change",
        [{"grantWatts": 9000, "reservedWatts": 9000, "sequence": 2}, {"release": True, "sequence": 2}, None],
        ids=["raise", "release", "remove"],
    )
    def test_nobody_else_changes_it(
        self, cluster: LocalCluster, frequencies: str, change: dict[str, object] | None
    ) -> None:
        with pytest.raises(KubectlError, match=r"spec\.powerBudget"):
            cluster.kubectl(
                "patch",
                "nodefrequencies",
                frequencies,
                "--type=merge",
                "-p",
                json.dumps({"spec": {"powerBudget": change}}),
            )

    def test_nobody_else_creates_it(self, cluster: LocalCluster, node: str) -> None:
        spec = {"nodeName": node, "powerBudget": BUDGET}
        with pytest.raises(KubectlError, match=r"written by the actuator alone.*capWatts of its PowerDomain"):
            cluster.kubectl("create", "-f", "-", input=_object("NodeFrequencies", node, spec))

    def test_a_person_sets_clocks_beside_it(self, cluster: LocalCluster, frequencies: str) -> None:
        clocks = {"spec": {"cpuFrequencies": [{"cpuId": 0, "targetFrequency": 2400}]}}
        cluster.kubectl("patch", "nodefrequencies", frequencies, "--type=merge", "-p", json.dumps(clocks))
        spec = _read(cluster, "nodefrequencies", frequencies)["spec"]
        assert spec["cpuFrequencies"] == clocks["spec"]["cpuFrequencies"]
        assert spec["powerBudget"] == {"release": False, **BUDGET}

    def test_a_person_makes_a_request_without_it(self, cluster: LocalCluster, node: str) -> None:
        spec = {"nodeName": node, "cpuFrequencies": [{"cpuId": 0, "targetFrequency": 2400}]}
        name = f"request-{node}"
        cluster.kubectl("create", "-f", "-", input=_object("NodeFrequencies", name, spec))
        try:
            assert _read(cluster, "nodefrequencies", name)["spec"] == spec
        finally:
            cluster.kubectl("delete", "nodefrequencies", name)


class TestPowerDomain:
    def test_actuator_holds_it_but_leaves_its_spec(self, cluster: LocalCluster, domain: str) -> None:
        actuator = as_actuator(cluster)
        _patch(actuator, "powerdomain", domain, {"metadata": {"finalizers": ["climatik.io/release"]}})
        _patch(actuator, "powerdomain", domain, {"metadata": {"finalizers": []}})
        with pytest.raises(KubectlError, match="may not change the spec of a PowerDomain"):
            _patch(actuator, "powerdomain", domain, {"spec": {"capWatts": 20000}})

    def test_recommender_leaves_enforcement_alone(self, cluster: LocalCluster, domain: str) -> None:
        recommender = cluster.kubectl_as(cluster.kubeconfig_for("climatik-recommender"))
        _patch(recommender, "powerdomain", domain, {"status": {"observed": {"powerWatts": 10}}}, "status")
        enforcement = {"leaderEpoch": 1, "effectiveCapWatts": 99999, "grantedCapWatts": 99999, "baseWatts": 1}
        with pytest.raises(KubectlError, match="enforcement is written by the actuator alone"):
            _patch(recommender, "powerdomain", domain, {"status": {"enforcement": enforcement}}, "status")


class TestNodeAgent:
    def test_writes_the_status_of_its_own_node(self, cluster: LocalCluster, frequencies: str) -> None:
        agent = as_agent(cluster, frequencies)
        _patch(agent, "nodefrequencies", frequencies, {"status": {"protocolVersion": 1}}, "status")
        assert _read(cluster, "nodefrequencies", frequencies)["status"]["protocolVersion"] == 1

    def test_not_that_of_another_node(self, cluster: LocalCluster, frequencies: str, other_node: str) -> None:
        agent = as_agent(cluster, other_node)
        with pytest.raises(KubectlError, match=f"bound to node {other_node}, the object is {frequencies}"):
            _patch(agent, "nodefrequencies", frequencies, {"status": {"protocolVersion": 1}}, "status")

    def test_not_with_a_token_bound_to_no_node(self, cluster: LocalCluster, frequencies: str) -> None:
        agent = cluster.kubectl_as(cluster.kubeconfig_for("climatik-nodeagent"))
        with pytest.raises(KubectlError, match="bound to no node"):
            _patch(agent, "nodefrequencies", frequencies, {"status": {"protocolVersion": 1}}, "status")

    def test_not_the_spec(self, cluster: LocalCluster, frequencies: str) -> None:
        with pytest.raises(KubectlError, match="Forbidden"):
            _patch(
                as_agent(cluster, frequencies),
                "nodefrequencies",
                frequencies,
                {"spec": {"gpuFrequencies": []}},
            )

    def test_sets_watts_and_the_taint_of_its_own_node(self, cluster: LocalCluster, node: str) -> None:
        agent = as_agent(cluster, node)
        _patch(agent, "node", node, WATTS, "status")
        _patch(agent, "node", node, UNCAPPED)
        written = _read(cluster, "node", node)
        assert written["status"]["capacity"]["climatik.io/watts"] == "5950"
        assert _taints(written) == ["climatik.io/uncapped"]
        _patch(agent, "node", node, {"spec": {"taints": None}})
        _patch(agent, "node", node, {"status": {"capacity": {"climatik.io/watts": None}}}, "status")
        taken_back = _read(cluster, "node", node)
        assert "climatik.io/watts" not in taken_back["status"]["capacity"]
        assert _taints(taken_back) == []

    def test_says_of_its_own_node_whether_its_boot_began_at_base(
        self, cluster: LocalCluster, node: str, other_node: str
    ) -> None:
        agent = as_agent(cluster, node)
        for value in ("true", None):
            label = {"metadata": {"labels": {"climatik.io/boot-protected": value}}}
            _patch(agent, "node", node, label)
            with pytest.raises(KubectlError, match=f"bound to node {node}"):
                _patch(agent, "node", other_node, label)

    @pytest.mark.parametrize(
        ("patch", "subresource"), [(WATTS, "status"), (UNCAPPED, "")], ids=["watts", "taint"]
    )
    def test_nothing_of_another_node(
        self, cluster: LocalCluster, node: str, other_node: str, patch: Mapping[str, object], subresource: str
    ) -> None:
        with pytest.raises(KubectlError, match=f"bound to node {node}, the object is {other_node}"):
            _patch(as_agent(cluster, node), "node", other_node, patch, subresource)

    @pytest.mark.parametrize(
        ("patch", "subresource", "named"),
        [
            ({"status": {"capacity": {"nvidia.com/gpu": "64"}}}, "status", "status.capacity"),
            ({"status": {"capacity": {"cpu": "1"}}}, "status", "status.capacity"),
            ({"status": {"capacity": {"cpu": None}}}, "status", "status.capacity"),
            ({"status": {"allocatable": {"climatik.io/watts": "1"}}}, "status", "of the status of a Node"),
            ({"status": {"phase": "Terminated"}}, "status", "of the status of a Node"),
            ({"status": {"nodeInfo": {"bootID": "x"}}}, "status", "of the status of a Node"),
            ({"metadata": {"labels": {"a": "b"}}}, "status", "metadata of a Node"),
            ({"metadata": {"annotations": {"a": "b"}}}, "", "metadata of a Node"),
            ({"spec": {"unschedulable": True}}, "", "of the spec of a Node"),
            ({"spec": {"taints": [{"key": "other", "effect": "NoExecute"}]}}, "", "spec.taints"),
        ],
        ids=lambda value: None if isinstance(value, dict) else str(value),
    )
    def test_no_other_field_of_its_own_node(
        self, cluster: LocalCluster, node: str, patch: Mapping[str, object], subresource: str, named: str
    ) -> None:
        with pytest.raises(KubectlError, match=named):
            _patch(as_agent(cluster, node), "node", node, patch, subresource)


class TestActuatorOnNodes:
    """RBAC grants it whole Nodes; the admission policy leaves it one taint."""

    def test_sets_the_taint_of_hot_racks(self, cluster: LocalCluster, node: str) -> None:
        _patch(as_actuator(cluster), "node", node, {"spec": {"taints": [HOT]}})
        assert _taints(_read(cluster, "node", node)) == ["climatik.io/hot"]
        _patch(as_actuator(cluster), "node", node, {"spec": {"taints": None}})
        assert _taints(_read(cluster, "node", node)) == []

    @pytest.mark.parametrize(
        "patch",
        [
            {"spec": {"taints": [{**HOT, "effect": "NoExecute"}]}},
            {"spec": {"taints": [{**HOT, "key": "other"}]}},
            {"spec": {"unschedulable": True}},
            {"metadata": {"labels": {"a": "b"}}},
            {"metadata": {"annotations": {"a": "b"}}},
        ],
        ids=["another effect", "another taint", "cordon", "label", "annotation"],
    )
    def test_changes_nothing_else(
        self, cluster: LocalCluster, node: str, patch: Mapping[str, object]
    ) -> None:
        with pytest.raises(KubectlError, match=r"climatik\.io/hot alone"):
            _patch(as_actuator(cluster), "node", node, patch)
