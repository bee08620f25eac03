"""Plain requests to the API server, so that its answers can be read cause by cause."""

import base64
import http.client
import json
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

GROUP_VERSION = "climatik.io/v1alpha1"
ACTUATOR = "system:serviceaccount:climatik-project:climatik-actuator"

PLURALS = {
    "PowerCappingPolicy": "powercappingpolicies",
    "NodeFrequencies": "nodefrequencies",
    "PowerDomain": "powerdomains",
    "PowerPlan": "powerplans",
}


@dataclass(frozen=True)
class Answer:
    """What the API server said."""

    code: int
    body: dict[str, Any]

    @property
    def ok(self) -> bool:
        return self.code < 300

    @property
    def causes(self) -> list[tuple[str, str]]:
        """(field, message) of every cause of a refusal."""
        causes = self.body.get("details", {}).get("causes", [])
        return [(cause.get("field", ""), cause.get("message", "")) for cause in causes]

    @property
    def message(self) -> str:
        return str(self.body.get("message", ""))


class Server:
    """The API server, as the administrator or in the name of ``as_user``, with strict field validation."""

    def __init__(self, kubeconfig: Path) -> None:
        config = json.loads(kubeconfig.read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self._address = urlsplit(cluster["server"]).netloc
        self._tls = ssl.create_default_context(cadata=authority)
        with tempfile.NamedTemporaryFile() as pair:
            for part in ("client-certificate-data", "client-key-data"):
                pair.write(base64.b64decode(user[part]) + b"\n")
            pair.flush()
            self._tls.load_cert_chain(pair.name)

    def create(self, body: dict[str, Any], *, as_user: str = "", dry_run: bool = False) -> Answer:
        return self._send("POST", collection(body) + ("?dryRun=All" if dry_run else ""), body, as_user)

    def get(self, body: dict[str, Any]) -> Answer:
        return self._send("GET", path(body))

    def list(self, kind: str, **query: str) -> Answer:
        return self._send("GET", f"/apis/{GROUP_VERSION}/{PLURALS[kind]}?{urlencode(query)}")

    def merge(
        self, body: dict[str, Any], patch: dict[str, Any], *, as_user: str = "", subresource: str = ""
    ) -> Answer:
        """Applies a merge patch to the object that ``body`` names."""
        target = path(body) + subresource
        return self._send("PATCH", target, patch, as_user, content_type="application/merge-patch+json")

    def apply(
        self, body: dict[str, Any], manager: str, *, as_user: str = "", subresource: str = ""
    ) -> Answer:
        """Applies fields as a manager of server-side apply; the body names the object."""
        target = f"{path(body)}{subresource}?fieldManager={manager}"
        return self._send("PATCH", target, body, as_user, content_type="application/apply-patch+yaml")

    def delete(self, body: dict[str, Any]) -> Answer:
        return self._send("DELETE", path(body))

    def _send(
        self,
        method: str,
        target: str,
        body: dict[str, Any] | None = None,
        as_user: str = "",
        *,
        content_type: str = "application/json",
    ) -> Answer:
        headers = {"Content-Type": content_type}
        if as_user:
            headers["Impersonate-User"] = as_user
        if body is not None:
            target += ("&" if "?" in target else "?") + "fieldValidation=Strict"
        connection = http.client.HTTPSConnection(self._address, context=self._tls, timeout=20)
        try:
            connection.request(method, target, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            return Answer(response.status, json.loads(response.read()))
        finally:
            connection.close()


def collection(body: dict[str, Any]) -> str:
    namespace = body["metadata"].get("namespace", "default")
    scope = f"namespaces/{namespace}/" if body["kind"] == "PowerCappingPolicy" else ""
    return f"/apis/{GROUP_VERSION}/{scope}{PLURALS[body['kind']]}"


def path(body: dict[str, Any]) -> str:
    return f"{collection(body)}/{body['metadata']['name']}"
