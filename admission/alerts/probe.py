"""Calls the webhook as the API server does: by the address and the trust that its registration names."""

from __future__ import annotations

import base64
import json
import ssl
import uuid
from typing import Any, Final

import aiohttp

from admission.configuration import WebhookConfiguration

_NOT_A_POD: Final = {"group": "", "version": "v1", "resource": "configmaps"}


async def probe(session: aiohttp.ClientSession, configuration: WebhookConfiguration) -> str:
    """Asks every webhook of the configuration about something that it leaves alone.

    Returns:
        What the API server would come up against, in a sentence; empty where every answer is as it should be.
    """
    problems = [await _probe_one(session, webhook) for webhook in configuration.webhooks]
    return "; ".join(problem for problem in problems if problem)


async def _probe_one(session: aiohttp.ClientSession, webhook: dict[str, Any]) -> str:
    client = webhook.get("clientConfig") or {}
    seconds = float(webhook.get("timeoutSeconds") or 10)
    uid = str(uuid.uuid4())
    try:
        answer = await _ask(session, client, uid, seconds)
    except TimeoutError:
        return f"no answer within {seconds:g} s, which every creation of a pod waits for"
    except aiohttp.ClientConnectorCertificateError as error:
        return f"its certificate is not trusted ({error.certificate_error})"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return f"the call failed ({type(error).__name__}: {error})"
    return "" if _is_answer(answer, uid) else "its answer is no AdmissionReview that allows what was asked"


async def _ask(
    session: aiohttp.ClientSession, client: dict[str, Any], uid: str, seconds: float
) -> dict[str, Any]:
    bundle = base64.b64decode(client.get("caBundle") or "").decode("ascii")
    context = ssl.create_default_context(cadata=bundle or None)
    request = {"uid": uid, "operation": "CREATE", "resource": _NOT_A_POD, "object": {}, "dryRun": True}
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with session.post(
        address(client), json=review, ssl=context, timeout=timeout, headers={"Connection": "close"}
    ) as answer:
        answer.raise_for_status()
        found = json.loads(await answer.read())
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
