"""Kubeconfig files for the identities of a local cluster."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

from deploy.local.certificates import KeyPair


def write_with_certificate(path: Path, server: str, ca: Path, client: KeyPair) -> Path:
    """A kubeconfig that logs in with a client certificate, all data inside the file."""
    user = {
        "client-certificate-data": _encode(client.certificate),
        "client-key-data": _encode(client.key),
    }
    return _write(path, server, ca, user, "default")


def write_with_token(path: Path, server: str, ca: Path, token: str, namespace: str) -> Path:
    """A kubeconfig that logs in with a bearer token."""
    return _write(path, server, ca, {"token": token}, namespace)


def _write(path: Path, server: str, ca: Path, user: Mapping[str, str], namespace: str) -> Path:
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "local", "cluster": {"server": server, "certificate-authority-data": _encode(ca)}}
        ],
        "users": [{"name": "local", "user": user}],
        "contexts": [
            {"name": "local", "context": {"cluster": "local", "user": "local", "namespace": namespace}}
        ],
        "current-context": "local",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(content, indent=2))  # JSON is YAML
    return fresh.rename(path)


def _encode(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
