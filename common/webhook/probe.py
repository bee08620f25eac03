"""Calls the webhook as the API server does: by the address and the trust that its registration names."""

from __future__ import annotations

import base64
import json
import ssl
import uuid
from collections.abc import Iterator
from typing import Any, Final

import aiohttp

from common.http.bounded import read_at_most
from common.webhook.registration import WebhookConfiguration

_NOT_A_POD: Final = {
    "operation": "CREATE",
    "resource": {"group": "", "version": "v1", "resource": "configmaps"},
    "object": {},
}

_MOST_ANSWER_BYTES: Final = 4_000_000
"""More than any patch of a pod; whatever answers there shall not fill our memory."""


async def probe(session: aiohttp.ClientSession, configuration: WebhookConfiguration) -> str:
    """Asks every webhook of the configuration about something that it leaves alone.

    Returns:
        What the API server would come up against, in a sentence; empty where every answer is as it should be.
    """
    problems = [await _probe_one(session, webhook, _NOT_A_POD) for webhook in configuration.webhooks]
    return "; ".join(problem for problem in problems if problem)


async def probe_effect(
    session: aiohttp.ClientSession, configuration: WebhookConfiguration, pod: dict[str, Any], mark: str
) -> str:
    """Asks every webhook about a new pod that it should change, without creating one.

    Args:
        session: For the calls.
        configuration: Where the webhooks are.
        pod: The pod in wire form; its namespace says where it would be created.
        mark: A key that the patch has to set for the change to count, such as an annotation.

    Returns:
        What is wrong, in a sentence; empty where every webhook would change the pod.
    """
    request = {
        "operation": "CREATE",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "namespace": pod.get("metadata", {}).get("namespace", ""),
        "object": pod,
    }
    if not configuration.webhooks:
        return "its registration names no webhook"
    problems = [await _probe_one(session, webhook, request, mark) for webhook in configuration.webhooks]
    return "; ".join(problem for problem in problems if problem)


async def _probe_one(
    session: aiohttp.ClientSession, webhook: dict[str, Any], request: dict[str, Any], mark: str = ""
) -> str:
    client = webhook.get("clientConfig") or {}
    seconds = float(webhook.get("timeoutSeconds") or 10)
    uid = str(uuid.uuid4())
    try:
        answer = await _ask(session, client, {**request, "uid": uid, "dryRun": True}, seconds)
    except TimeoutError:
        return f"no answer within {seconds:g} s, which every creation of a pod waits for"
    except aiohttp.ClientConnectorCertificateError as error:
        return f"its certificate is not trusted ({error.certificate_error})"
    except (aiohttp.ClientError, OSError, ValueError, RecursionError) as error:
        return f"the call failed ({type(error).__name__}: {error})"
    if not _is_answer(answer, uid):
        return "its answer is no AdmissionReview that allows what was asked"
    if mark and mark not in _patched_keys(answer):
        return f"it answers, but leaves a pod that a policy governs without {mark}"
    return ""


async def _ask(
    session: aiohttp.ClientSession, client: dict[str, Any], request: dict[str, Any], seconds: float
) -> dict[str, Any]:
    bundle = base64.b64decode(client.get("caBundle") or "").decode("ascii")
    context = ssl.create_default_context(cadata=bundle or None)
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with session.post(
        address(client), json=review, ssl=context, timeout=timeout, headers={"Connection": "close"}
    ) as answer:
        answer.raise_for_status()
        body = await read_at_most(answer.content, _MOST_ANSWER_BYTES)
        if body is None:
            raise ValueError(f"the answer is longer than {_MOST_ANSWER_BYTES} bytes")
        found = json.loads(body)
        return found if isinstance(found, dict) else {}


def address(client: dict[str, Any]) -> str:
    """Returns where a webhook's ``clientConfig`` leads."""
    if client.get("url"):
        return str(client["url"])
    service = client.get("service") or {}
    host = f"{service.get('name')}.{service.get('namespace')}.svc"
    return f"https://{host}:{service.get('port') or 443}{service.get('path') or '/'}"


def _is_answer(answer: dict[str, Any], uid: str) -> bool:
    response = answer.get("response")
    return isinstance(response, dict) and response.get("uid") == uid and response.get("allowed") is True


def _patched_keys(answer: dict[str, Any]) -> set[str]:
    """Returns the names that a patch sets; none where it is no patch."""
    try:
        operations = json.loads(base64.b64decode(answer["response"].get("patch") or "W10="))
    except (TypeError, ValueError, RecursionError):
        return set()
    found = operations if isinstance(operations, list) else []
    return {key for operation in found if isinstance(operation, dict) for key in _set_keys(operation)}


def _set_keys(operation: dict[str, Any]) -> Iterator[str]:
    """Yields the last part of an operation's path, and the keys of the maps that it adds."""
    path, value = str(operation.get("path", "")), operation.get("value")
    yield path.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    if isinstance(value, dict):
        yield from value
        annotations = value.get("annotations")
        yield from annotations if isinstance(annotations, dict) else ()
