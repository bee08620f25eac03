"""The least that any webhook can add to a creation: answers that are made before they are asked for.

It reads nothing of a review but its uid. What the API server pays for the call (the review made and sent, the
answer read, the patch applied, the pod decoded and defaulted anew) no webhook can spare it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

from benchmarks.admission.rendezvous import authority_of, new_context, port_of, tell_port
from deploy.local.cluster import LocalCluster
from deploy.local.processes import ProcessSet

ALLOWED, TESTED, PATCHED = "allowed", "tested", "patched"
"""Paths: answers without a patch, with one that changes nothing, and with the operations that ours has for
the benchmark's pod. The differences are what the call, patching as such, and a changed pod cost.
"""

_EXPLANATION: Final = "constant " * 44
_OPERATIONS: Final = [
    {"op": "add", "path": "/spec/containers/0/resources/limits/climatik.io~1watts", "value": "1416"},
    {"op": "add", "path": "/spec/containers/0/resources/requests/climatik.io~1watts", "value": "1416"},
    {
        "op": "add",
        "path": "/metadata/annotations",
        "value": {"example.com/policy": "llm", "example.com/explanation": _EXPLANATION},
    },
]
_PATCHES: Final = {TESTED: [{"op": "test", "path": "/kind", "value": "Pod"}], PATCHED: _OPERATIONS}
_REQUEST: Final = re.compile(rb"POST /(\w+)[^\0]*?\r\n(?i:content-length): *(\d+)\r\n[^\0]*?\r\n\r\n")
_UID: Final = re.compile(rb'"uid": ?"([^"]+)"')


def start_floor(
    cluster: LocalCluster, processes: ProcessSet, folder: Path, namespaces: dict[str, str]
) -> None:
    """Starts the responder and registers it with the rules and bounds of our own webhook.

    Args:
        cluster: Where it is registered.
        processes: Takes the process.
        folder: For its port and its authority.
        namespaces: The namespace whose pods each path is asked about.
    """
    folder.mkdir()
    processes.start("floor", [sys.executable, "-m", "benchmarks.admission.floor", str(folder)])
    port, bundle = port_of(folder, "responder", processes.check), authority_of(folder).read_bytes()
    for path, namespace in namespaces.items():
        body = _configuration(path, namespace, f"https://127.0.0.1:{port}/{path}", bundle)
        cluster.kubectl("apply", "-f", "-", input=json.dumps(body))


def _configuration(name: str, namespace: str, url: str, bundle: bytes) -> dict[str, Any]:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    where = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": [namespace]}
    webhook = {
        "name": f"{name}.floor.example.com",
        "clientConfig": {"url": url, "caBundle": base64.b64encode(bundle).decode()},
        "rules": [rule],
        "failurePolicy": "Ignore",
        "reinvocationPolicy": "IfNeeded",
        "sideEffects": "None",
        "timeoutSeconds": 2,
        "admissionReviewVersions": ["v1"],
        "namespaceSelector": {"matchExpressions": [where]},
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": f"floor-{name}"},
        "webhooks": [webhook],
    }


def _answer(path: str) -> tuple[bytes, bytes]:
    """What stands before and after the uid."""
    more: dict[str, Any] = {}
    if path in _PATCHES:
        patch = base64.b64encode(json.dumps(_PATCHES[path]).encode()).decode()
        more = {"patchType": "JSONPatch", "patch": patch}
    body = {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": {"uid": "UID", "allowed": True, **more},
    }
    before, _, after = json.dumps(body).encode().partition(b"UID")
    return before, after


class _Responder(asyncio.Protocol):
    def __init__(self) -> None:
        self._answers = {path.encode(): _answer(path) for path in (ALLOWED, TESTED, PATCHED)}
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = _REQUEST.match(self._buffer)
        if head is None or len(self._buffer) < head.end() + int(head[2]):
            return
        uid = _UID.search(self._buffer, head.end())
        before, after = self._answers[head[1]]
        self._buffer = b""
        body = before + (uid[1] if uid else b"") + after
        start = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(start % len(body) + body)


async def _serve(folder: Path) -> None:
    loop, context = asyncio.get_running_loop(), new_context(folder)
    server = await loop.create_server(_Responder, "127.0.0.1", 0, ssl=context)
    tell_port(folder, server.sockets[0].getsockname()[1])
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
