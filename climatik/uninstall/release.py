"""Takes everything back, as the actuator: it alone may write what it wrote, so it is run once more."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from common.api.apps import DEPLOYMENTS
from common.api.core import LEASES, Lease
from common.api.meta import parse_time
from common.kube.client import Client
from common.kube.config import ClusterConfig
from common.kube.errors import KubeError, NotFound

ACCOUNT = "climatik-actuator"
_TOKEN_SECONDS = 3_600
_STOP_SECONDS = 60.0


class StillRunningError(KubeError):
    """An actuator leads that this command cannot stop."""


async def stop_actuator(client: Client, namespace: str) -> None:
    """Scales the actuator's Deployment to nothing, and waits until nobody leads.

    Raises:
        StillRunningError: Somebody leads all the same.
        KubeError: The cluster could not answer.
    """
    try:
        await client.patch(DEPLOYMENTS, ACCOUNT, {"spec": {"replicas": 0}}, namespace)
    except NotFound:
        await _require_free(client, namespace)
        return
    for _ in range(int(_STOP_SECONDS)):
        if not await _leader(client, namespace):
            return
        await asyncio.sleep(1.0)
    await _require_free(client, namespace)


async def _require_free(client: Client, namespace: str) -> None:
    leader = await _leader(client, namespace)
    if leader:
        text = f"{leader} holds the Lease {namespace}/{ACCOUNT}: stop that actuator, then run this again"
        raise StillRunningError(text)


async def _leader(client: Client, namespace: str) -> str:
    try:
        lease: Lease = await client.get(LEASES, ACCOUNT, namespace)
    except NotFound:
        return ""
    renewed = parse_time(lease.spec.renew_time or "")
    if not lease.spec.holder_identity or renewed is None:
        return ""
    now = datetime.now(UTC) + timedelta(seconds=client.server_clock_offset_seconds)
    lasts = timedelta(seconds=lease.spec.lease_duration_seconds or 0)
    return lease.spec.holder_identity if now < renewed + lasts else ""


async def release(client: Client, namespace: str, deadline_seconds: float) -> int:
    """Runs the actuator's own release with a token of its account; returns its exit status.

    Raises:
        KubeError: No token could be had.
    """
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{ACCOUNT}/token"
    body = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": _TOKEN_SECONDS},
    }
    token = json.loads(await client.request("POST", path, body=body))["status"]["token"]
    with _kubeconfig(client.config, token) as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "actuator", "--release-all", f"--kubeconfig={file}",
            f"--namespace={namespace}", f"--release-deadline-seconds={deadline_seconds:g}",
            "--listen-address=",
        )  # fmt: skip
        return await process.wait()


@contextmanager
def _kubeconfig(config: ClusterConfig, token: str) -> Iterator[Path]:
    """Writes a kubeconfig that nobody else can read; it is gone afterwards."""
    handle, name = tempfile.mkstemp(prefix="climatik-", suffix=".yaml")
    path = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(_content(config, token), file)  # JSON is YAML
        yield path
    finally:
        path.unlink(missing_ok=True)


def _content(config: ClusterConfig, token: str) -> dict[str, Any]:
    tls = config.tls
    cluster: dict[str, Any] = {"server": config.server}
    if tls.insecure:
        cluster["insecure-skip-tls-verify"] = True
    elif tls.ca_data:
        cluster["certificate-authority-data"] = base64.b64encode(tls.ca_data.encode()).decode()
    elif tls.ca_file:
        cluster["certificate-authority"] = tls.ca_file
    if tls.server_name:
        cluster["tls-server-name"] = tls.server_name
    if config.proxy_url:
        cluster["proxy-url"] = config.proxy_url
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "here", "cluster": cluster}],
        "users": [{"name": "actuator", "user": {"token": token}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "actuator"}}],
        "current-context": "here",
    }
