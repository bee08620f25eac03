"""The webhook's configurations as they are read by those who must know where it is."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from common.api.meta import KubeObject
from common.api.resource import Resource

CONFIGURATION_NAME: Final = "climatik"


class WebhookConfiguration(KubeObject, frozen=True):
    """A MutatingWebhookConfiguration (or a validating one) with its webhooks in wire form."""

    webhooks: list[dict[str, Any]] = msgspec.field(default_factory=list)


CONFIGURATIONS: Final = Resource(
    kind="MutatingWebhookConfiguration",
    plural="mutatingwebhookconfigurations",
    type=WebhookConfiguration,
    group="admissionregistration.k8s.io",
)

VALIDATIONS: Final = Resource(
    kind="ValidatingWebhookConfiguration",
    plural="validatingwebhookconfigurations",
    type=WebhookConfiguration,
    group="admissionregistration.k8s.io",
)


def skipped_namespaces(configuration: WebhookConfiguration | None) -> frozenset[str]:
    """Returns the namespaces that a registration leaves out by name."""
    expressions = [
        expression
        for webhook in (configuration.webhooks if configuration else [])
        for expression in (webhook.get("namespaceSelector") or {}).get("matchExpressions") or []
    ]
    return frozenset(
        value
        for expression in expressions
        if expression.get("key") == "kubernetes.io/metadata.name" and expression.get("operator") == "NotIn"
        for value in expression.get("values") or []
    )
