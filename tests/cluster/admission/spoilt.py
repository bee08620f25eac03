"""A webhook that answers as it should not, registered in the place of ours."""

import base64
import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from admission.authority import new_authority
from admission.leaf import issue_leaf
from admission.tls_context import use_certificate
from deploy.local.cluster import LocalCluster

NAME = "climatik"


class SpoiltWebhook:
    """Answers every request with the same bytes, under a certificate of a given age."""

    def __init__(self, answer: bytes, age: timedelta = timedelta(0)) -> None:
        issued = datetime.now(UTC) - age
        authority = new_authority(issued)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        use_certificate(context, issue_leaf(authority, ["127.0.0.1"], timedelta(hours=1), issued).pem)
        self._bundle = authority.bundle_pem
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer))
        self._server.handle_error = lambda *_: None  # clients that do not trust us break off
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def register(self, cluster: LocalCluster, namespace: str) -> None:
        """Registers it for the pods of one namespace, as ours registers itself for all."""
        rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
        where = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": [namespace]}
        url = f"https://127.0.0.1:{self._server.server_port}/mutate-pods"
        webhook = {
            "name": "pods.climatik.io",
            "clientConfig": {"url": url, "caBundle": base64.b64encode(self._bundle).decode()},
            "rules": [rule],
            "failurePolicy": "Ignore",
            "sideEffects": "None",
            "timeoutSeconds": 2,
            "admissionReviewVersions": ["v1"],
            "namespaceSelector": {"matchExpressions": [where]},
        }
        kind = {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": NAME},
        }
        cluster.kubectl("delete", "mutatingwebhookconfigurations", NAME, "--ignore-not-found")
        cluster.kubectl("create", "-f", "-", input=json.dumps(kind | {"webhooks": [webhook]}))

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(answer: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    return Handler
