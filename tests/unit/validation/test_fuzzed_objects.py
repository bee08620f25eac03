"""Policies and domains made from the schemas: never a crash, never a wrong patch, always a clear answer."""

import base64
import copy
import json
from typing import Any

import jsonpatch
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from admission.metrics import AdmissionMetrics
from admission.nameplates import Nameplates
from admission.namespaces import PausedNamespaces
from admission.nodes import NodeIndex
from admission.reviewer import Knowledge, Reviewer
from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.policy import POLICIES, PowerCappingPolicy
from common.webhook.matching import PolicyIndex
from tests.unit.admission.pods_for_tests import PODS, node
from tests.unit.api.schemas import root_schema
from tests.unit.validation.objects_for_tests import World, review

_SMALL = 10**12
_WORDS = st.sampled_from(
    ["", "a", "app", "row-1", "x" * 70, "0 22 * * *", "61 * * * *", "Europe/Berlin", "Mars/Olympus",
     "uniform", "dynamic-frequency-scaler", "scaling-factor", "0.8", "ü\u0000", "2026-01-01T00:00:00Z"]
)  # fmt: skip

_SCALARS = {
    "integer": st.integers(-2, _SMALL),
    "number": st.floats(0, 10),
    "boolean": st.booleans(),
    "string": _WORDS,
}


def from_schema(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a structural schema: of its types and shapes, not always within its bounds."""
    if schema.get("x-kubernetes-int-or-string"):
        return st.integers(-5, _SMALL) | _WORDS
    if "enum" in schema:
        return st.sampled_from([*schema["enum"], "Other"])
    if schema.get("type") == "object":
        return _object(schema)
    if schema.get("type") == "array":
        return st.lists(from_schema(schema["items"]), max_size=3)
    return _SCALARS.get(schema.get("type"), _WORDS) | st.sampled_from(_bounds(schema))


def _bounds(schema: dict[str, Any]) -> list[Any]:
    return [schema[key] for key in ("minimum", "maximum", "default") if key in schema] or [0]


def _object(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if isinstance(schema.get("additionalProperties"), dict):
        return st.dictionaries(_WORDS, from_schema(schema["additionalProperties"]), max_size=3)
    properties = {name: from_schema(inner) for name, inner in schema.get("properties", {}).items()}
    required = {name: properties.pop(name) for name in schema.get("required", []) if name in properties}
    return st.fixed_dictionaries(required, optional=properties)


def objects(resource) -> st.SearchStrategy[dict[str, Any]]:
    properties = root_schema(resource)["properties"]
    return st.fixed_dictionaries(
        {
            "metadata": st.fixed_dictionaries(
                {"name": st.sampled_from(["chat", "row-1", "a"]), "namespace": st.just("ns")}
            ),
            "spec": from_schema(properties["spec"]),
        },
        optional={"status": from_schema(properties["status"])},
    )


FUZZED_POLICIES, FUZZED_DOMAINS = objects(POLICIES), objects(POWER_DOMAINS)


def decoded(body, kind):
    """The struct that an informer would hold; None where it holds none."""
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError:
        return None


def known(bodies, kind):
    return [item for body in bodies if (item := decoded(body, kind)) is not None]


def judged(body, old, policies, domains):
    world = World(known(policies, PowerCappingPolicy), known(domains, PowerDomain), {"n": {"app": "a"}})
    answer = world.ask(body)
    assert answer["uid"] == "u-1"
    assert "patch" not in answer
    assert all(text for text in answer.get("warnings", []))
    assert len("".join(answer.get("warnings", []))) < 4096
    assert not world.count("error"), answer
    return answer


def assert_clear(answer):
    """A refusal begins with the field."""
    assert answer["allowed"] or answer["status"]["message"].startswith("spec.")


MORE_POLICIES, MORE_DOMAINS = st.lists(FUZZED_POLICIES, max_size=2), st.lists(FUZZED_DOMAINS, max_size=3)


@settings(max_examples=150)
@given(FUZZED_POLICIES, st.none() | FUZZED_POLICIES, MORE_POLICIES, MORE_DOMAINS)
def test_any_policy_gets_a_clear_answer(new, old, policies, domains):
    assert_clear(judged(review(new, old), old, policies, domains))


@settings(max_examples=150)
@given(FUZZED_DOMAINS, st.none() | FUZZED_DOMAINS, MORE_POLICIES, MORE_DOMAINS)
def test_any_domain_gets_a_clear_answer(new, old, policies, domains):
    resource = {"group": "climatik.io", "version": "v1alpha1", "resource": "powerdomains"}
    assert_clear(judged(review(new, old, resource=resource), old, policies, domains))


@settings(max_examples=60)
@given(FUZZED_DOMAINS, MORE_POLICIES, MORE_DOMAINS, st.integers(1, 100))
def test_brake_is_never_refused(old, policies, domains, percent):
    new = copy.deepcopy(old)
    new["spec"]["brakePercent"] = percent
    resource = {"group": "climatik.io", "version": "v1alpha1", "resource": "powerdomains"}
    assert judged(review(new, old, resource=resource), old, policies, domains)["allowed"]


@pytest.fixture(scope="module")
def nodes():
    index = NodeIndex()
    index.change(None, node("n", {}, "5000"))
    return index


@settings(max_examples=150)
@given(FUZZED_POLICIES, PODS)
def test_no_policy_makes_a_wrong_patch(nodes, body, pod):
    item = decoded(body, PowerCappingPolicy)
    if item is None:
        return
    policies, registry = PolicyIndex(), CollectorRegistry()
    policies.change(None, item)
    knowledge = Knowledge(policies, nodes, PausedNamespaces(), Nameplates(), lambda: True, tuple)
    reviewer = Reviewer(knowledge, AdmissionMetrics(registry))
    once = _reviewed(reviewer, pod)
    assert _reviewed(reviewer, once) == once
    assert registry.get_sample_value("climatik_admission_requests_total", {"result": "error"}) is None
    names = [container["name"] for container in pod["spec"]["containers"]]
    assert [container["name"] for container in once["spec"]["containers"]] == names


def _reviewed(reviewer, pod):
    resource = {"group": "", "version": "v1", "resource": "pods"}
    request = {"uid": "u", "operation": "CREATE", "namespace": "ns", "resource": resource, "object": pod}
    answer = json.loads(reviewer.answer(json.dumps({"request": request}).encode()))["response"]
    assert answer["allowed"]
    operations = json.loads(base64.b64decode(answer["patch"])) if "patch" in answer else []
    return jsonpatch.apply_patch(copy.deepcopy(pod), operations)
