"""Policies, domains and reviews that the tests of validation share."""

import dataclasses
import json
from typing import Any

from prometheus_client import CollectorRegistry

from admission.metrics import AdmissionMetrics
from admission.validation.validator import Surroundings, Validator
from common.api.domain import CapSchedule, DomainSpec, DomainStatus, Enforcement, PowerDomain
from common.api.meta import ObjectMeta, to_builtins
from common.api.policy import PolicySpec, PowerCappingPolicy
from common.api.selector import LabelSelector


def policy(name="chat", namespace="llm", labels=None, **spec: Any) -> PowerCappingPolicy:
    return PowerCappingPolicy(
        metadata=ObjectMeta(name=name, namespace=namespace),
        spec=PolicySpec(
            power_cap_limit=1000, selector=LabelSelector(match_labels=labels or {"app": name}), **spec
        ),
    )


def domain(name, parent="", cap=10_000, labels=None, bases=0, **spec: Any) -> PowerDomain:
    selector = LabelSelector(match_labels=labels) if labels is not None else None
    enforcement = Enforcement(base_watts=bases) if bases else None
    return PowerDomain(
        metadata=ObjectMeta(name=name),
        spec=DomainSpec(parent=parent, cap_watts=cap, node_selector=selector, **spec),
        status=DomainStatus(enforcement=enforcement),
    )


NIGHTLY = CapSchedule(start="0 22 * * *", duration_seconds=3600, cap_watts=5000)
NOWHERE = CapSchedule(start="0 22 * * *", duration_seconds=3600, cap_watts=5000, time_zone="Mars/Olympus")


class World:
    """A validator over objects in memory."""

    def __init__(self, policies=(), domains=(), nodes=None, *, synced=True):
        self.registry = CollectorRegistry()
        self._surroundings = Surroundings(
            policies=lambda: policies,
            policies_of=lambda namespace: [each for each in policies if each.namespace == namespace],
            domains=lambda: domains,
            node_labels=lambda: nodes or {},
            synced=lambda: synced,
        )
        self._metrics = AdmissionMetrics(self.registry)
        self.validator = Validator(self._surroundings, self._metrics)

    def around(self, **changed: Any) -> None:
        """Puts the validator into other surroundings."""
        self._surroundings = dataclasses.replace(self._surroundings, **changed)
        self.validator = Validator(self._surroundings, self._metrics)

    def ask(self, body) -> dict[str, Any]:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return json.loads(self.validator.answer(content))["response"]

    def count(self, result):
        name = "climatik_admission_validations_total"
        return self.registry.get_sample_value(name, {"result": result})


def wire(item) -> Any:
    return to_builtins(item) if not isinstance(item, dict) and item is not None else item


def review(new, old=None, **request: Any) -> dict[str, Any]:
    """A review of a policy or domain, as structs or in wire form."""
    plural = "powerdomains" if isinstance(new, PowerDomain) else "powercappingpolicies"
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "u-1",
            "operation": "UPDATE" if old is not None else "CREATE",
            "resource": {"group": "climatik.io", "version": "v1alpha1", "resource": plural},
            "object": wire(new),
            "oldObject": wire(old),
            **request,
        },
    }
