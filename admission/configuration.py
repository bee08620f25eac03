"""The webhook's two configurations as they should be, and whether the live ones are."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from admission.server import PATH, VALIDATE_PATH
from admission.settings import AdmissionSettings
from common.api.domain import POWER_DOMAINS
from common.api.names import ANNOTATION_OPT_OUT, GROUP, VERSION
from common.api.policy import POLICIES
from common.service.settings import SettingsError
from common.webhook.registration import CONFIGURATION_NAME, WebhookConfiguration

WEBHOOK_NAME: Final = "pods.climatik.io"
VALIDATION_NAME: Final = "policies.climatik.io"


def desired_configuration(
    settings: AdmissionSettings, ca_bundle_pem: bytes, bound_port: int
) -> dict[str, Any]:
    """Returns the configuration to apply.

    Pods alone, at creation alone; excluded namespaces and pods that opt out by label never reach us, and a
    pod is created unchanged when we are down.

    Args:
        settings: Where we are and whom to leave alone.
        ca_bundle_pem: What the API server must trust.
        bound_port: Replaces port 0 in ``webhook_url``.
    """
    client = _client_config(settings, PATH, ca_bundle_pem, bound_port)
    webhook = {
        "name": WEBHOOK_NAME,
        "clientConfig": client,
        "rules": [
            {
                "apiGroups": [""],
                "apiVersions": ["v1"],
                "operations": ["CREATE"],
                "resources": ["pods"],
                "scope": "Namespaced",
            }
        ],
        "failurePolicy": "Ignore",
        "matchPolicy": "Equivalent",
        "reinvocationPolicy": "IfNeeded",
        "sideEffects": "None",
        "timeoutSeconds": settings.webhook_timeout_seconds,
        "admissionReviewVersions": ["v1"],
        "namespaceSelector": {"matchExpressions": [_namespaces(settings)]},
        "objectSelector": _not_opted_out(),
    }
    return {"metadata": _metadata(), "webhooks": [webhook]}


def desired_validation(settings: AdmissionSettings, ca_bundle_pem: bytes, bound_port: int) -> dict[str, Any]:
    """Returns the ValidatingWebhookConfiguration to apply: policies and domains, never their status.

    They are written unchecked when we are down: a cap that is cut in an emergency waits for nobody.

    Args:
        settings: Where we are.
        ca_bundle_pem: What the API server must trust.
        bound_port: Replaces port 0 in ``webhook_url``.
    """
    webhook = {
        "name": VALIDATION_NAME,
        "clientConfig": _client_config(settings, VALIDATE_PATH, ca_bundle_pem, bound_port),
        "rules": [
            {
                "apiGroups": [GROUP],
                "apiVersions": [VERSION],
                "operations": ["CREATE", "UPDATE"],
                "resources": [POLICIES.plural, POWER_DOMAINS.plural],
                "scope": "*",
            }
        ],
        "failurePolicy": "Ignore",
        "matchPolicy": "Equivalent",
        "sideEffects": "None",
        "timeoutSeconds": settings.webhook_timeout_seconds,
        "admissionReviewVersions": ["v1"],
    }
    return {"metadata": _metadata(), "webhooks": [webhook]}


def _metadata() -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": "climatik", "app.kubernetes.io/component": "admission"}
    return {"name": CONFIGURATION_NAME, "labels": labels}


def is_in_place(live: WebhookConfiguration | None, desired: Mapping[str, Any]) -> bool:
    """Whether the live configuration says all that the desired one does, whatever else the server added."""
    if live is None:
        return False
    labels = desired["metadata"]["labels"].items()
    return labels <= live.metadata.labels.items() and covers(live.webhooks, desired["webhooks"])


def covers(live: Any, desired: Any) -> bool:
    """Whether every field of ``desired`` has its value in ``live``; lists must agree in length and order."""
    if isinstance(desired, Mapping):
        return isinstance(live, Mapping) and all(
            covers(live.get(key), value) for key, value in desired.items()
        )
    if isinstance(desired, list):
        return isinstance(live, list) and len(live) == len(desired) and all(map(covers, live, desired))
    return bool(live == desired)


def check_url(url: str) -> None:
    """Checks the URL to register.

    Raises:
        SettingsError: It is not one that an API server accepts.
    """
    parts = urlsplit(url)
    if url and (parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment):
        raise SettingsError(
            f"--webhook-url: {url!r} is no https URL without a query. For example: --webhook-url=https://127.0.0.1:0"
        )


def _client_config(
    settings: AdmissionSettings, path: str, ca_bundle_pem: bytes, bound_port: int
) -> dict[str, Any]:
    trust = {"caBundle": base64.b64encode(ca_bundle_pem).decode()}
    if settings.webhook_url:
        return {"url": _url(settings.webhook_url, path, bound_port), **trust}
    service = {
        "name": settings.service_name,
        "namespace": settings.namespace,
        "path": path,
        "port": settings.service_port,
    }
    return {"service": service, **trust}


def _url(text: str, path: str, bound_port: int) -> str:
    """Returns the URL to register; a path that is given is that of the pods' webhook."""
    parts = urlsplit(text)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = bound_port if parts.port == 0 else parts.port
    given = parts.path.rstrip("/")
    whole = given if given and path == PATH else f"{given.removesuffix(PATH)}{path}"
    return urlunsplit(("https", f"{host}:{port}" if port else f"{host}", whole, "", ""))


def _namespaces(settings: AdmissionSettings) -> dict[str, Any]:
    excluded = sorted({*settings.excluded_namespaces, settings.namespace})
    return {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": excluded}


def _not_opted_out() -> dict[str, Any]:
    """Pods that opt out by label cost no call; those by annotation, and mirror pods, are let be by us.

    A ``matchCondition`` could tell annotations, too, but it costs the API server about 2 ms of processor time
    for every pod of the cluster, more than all the rest of the call.
    """
    return {"matchExpressions": [{"key": ANNOTATION_OPT_OUT, "operator": "NotIn", "values": ["true"]}]}
