"""Who asked the API server for what: read from its audit log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- level: Metadata
"""


@dataclass(frozen=True)
class Request:
    """One answered request: when it came in, from whom, for what, and the answer's code."""

    at: datetime
    agent: str
    verb: str
    resource: str
    namespace: str
    name: str
    code: int

    @property
    def evicts(self) -> bool:
        """Whether it stopped a pod."""
        return self.resource == "pods/eviction" and self.verb == "create" and self.code in (200, 201)


def flags(folder: Path) -> tuple[str, ...]:
    """Writes the audit policy and returns the API server's flags."""
    folder.mkdir(parents=True, exist_ok=True)
    policy = folder / "audit-policy.yaml"
    policy.write_text(POLICY)
    return f"--audit-policy-file={policy}", f"--audit-log-path={folder / 'audit.log'}"


def read(folder: Path, agent: str, since: datetime) -> list[Request]:
    """Returns the requests of one user agent (by how it begins) since a moment."""
    found = []
    with (folder / "audit.log").open() as file:
        for line in file:
            if agent in line:
                request = _parse(json.loads(line))
                if request.agent.startswith(agent) and request.at >= since:
                    found.append(request)
    return found


def _parse(event: dict[str, Any]) -> Request:
    what = event.get("objectRef") or {}
    parts = [what.get("resource", event.get("requestURI", "")), what.get("subresource", "")]
    return Request(
        at=datetime.fromisoformat(event["requestReceivedTimestamp"]),
        agent=event.get("userAgent", ""),
        verb=event["verb"],
        resource="/".join(filter(None, parts)),
        namespace=what.get("namespace", ""),
        name=what.get("name", ""),
        code=(event.get("responseStatus") or {}).get("code", 0),
    )
