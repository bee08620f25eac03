"""A stand-in for Slack: signs requests as Slack does, takes late answers, and tells who is in a user group.

Made after Slack's public reference (docs.slack.dev): "Verifying requests from Slack" (v0 signatures),
"Implementing slash commands" and "Handling user interaction" (forms, ``response_url``), and the method
``usergroups.users.list``.
"""

import hashlib
import hmac
import itertools
import json
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode

SIGNING_SECRET = "signing-SENTINEL-8f1e"
BOT_TOKEN = "xoxb-SENTINEL-77aa"
WEBHOOK_PATH = "/services/T0/B0/webhook-SENTINEL-19cd"
SENTINEL = "SENTINEL"

_times = itertools.count()
"""No two requests are alike: each has an identity of its own."""


def signature(body: bytes, timestamp: int, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """Returns the headers of a request that Slack sends at a time."""
    digest = hmac.new(secret.encode(), b"v0:%d:" % timestamp + body, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": str(timestamp),
        "X-Slack-Signature": f"v0={digest}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


def slash(text: str, user: str, response_url: str = "") -> bytes:
    """Returns the body of ``/climatik text``."""
    fields = {
        "token": "legacy", "team_id": "T0", "channel_id": "C0", "command": "/climatik", "text": text,
        "user_id": user, "user_name": user.lower(), "response_url": response_url,
        "trigger_id": f"1.2.{next(_times)}",
    }  # fmt: skip
    return urlencode(fields).encode()


def press(action: dict[str, Any], user: str, response_url: str = "") -> bytes:
    """Returns the body that a pressed button sends.

    Args:
        action: An element of an ``actions`` block, as it was in the message.
        user: Who pressed it.
        response_url: Where the answer goes.
    """
    pressed = {key: action[key] for key in ("type", "action_id", "value")}
    payload = {
        "type": "block_actions", "user": {"id": user, "username": user.lower(), "team_id": "T0"},
        "api_app_id": "A0", "container": {"type": "message"}, "team": {"id": "T0", "domain": "d"},
        "response_url": response_url,
        "actions": [{**pressed, "block_id": "b", "action_ts": f"1.{next(_times)}"}],
    }  # fmt: skip
    return urlencode({"payload": json.dumps(payload)}).encode()


def buttons(message: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Returns the buttons of a message by what they say."""
    rows = (block for block in message.get("blocks", []) if block["type"] == "actions")
    return {one["text"]["text"]: one for row in rows for one in row["elements"]}


class SlackStandIn:
    """Slack's side of the wire on a free port.

    Attributes:
        messages: What came to the incoming webhook.
        answers: What came to a ``response_url``.
        groups: Users by user group.
        down: While set, everything is answered with 503.
    """

    def __init__(self, groups: dict[str, list[str]] | None = None) -> None:
        self.messages: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        self.groups = groups or {}
        self.down = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def webhook_url(self) -> str:
        return f"{self.url}{WEBHOOK_PATH}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def response_url(self) -> str:
        return f"{self.url}/actions/T0/1/2"

    def titles(self) -> list[str]:
        return [message["text"] for message in self.messages]

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def receive(self, path: str, authorization: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Answers one request."""
        if self.down:
            return 503, {}
        method, _, query = path.partition("?")
        if method == "/api/usergroups.users.list":
            return 200, self._members(parse_qs(query or body.decode()), authorization)
        if path == WEBHOOK_PATH:
            self.messages.append(json.loads(body))
        else:
            self.answers.append(json.loads(body))
        return 200, {}

    def _members(self, fields: dict[str, list[str]], authorization: str) -> dict[str, Any]:
        if authorization != f"Bearer {BOT_TOKEN}":
            return {"ok": False, "error": "invalid_auth"}
        users = self.groups.get(fields["usergroup"][0])
        return (
            {"ok": True, "users": users} if users is not None else {"ok": False, "error": "no_such_subteam"}
        )


def _handler(stand_in: SlackStandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = stand_in.receive(self.path, self.headers.get("Authorization", ""), body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self):
            self.do_POST()

        def log_message(self, *_):
            pass

    return Handler


def send(url: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Sends a request as Slack would, signed now; returns status and text of the answer."""
    signed = headers if headers is not None else signature(body, int(time.time()))
    request = urllib.request.Request(url, data=body, headers=signed, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
