"""An API server in memory: objects by path, merge patches with preconditions, discovery of one group."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator
from typing import Any

from common.kube.client import Client
from common.kube.errors import ConnectionNotMade, api_error
from common.kube.settings import ClientSettings
from common.kube.transport import Request
from tests.fakes.transport import scripted_client

Body = dict[str, Any]


class SmallServer:
    """Holds whole objects; after ``writes_left`` writes the process that sends them is dead."""

    def __init__(self) -> None:
        self.objects: dict[str, Body] = {}
        self.discovery: dict[str, list[Body]] = {}
        self.writes: list[str] = []
        self.writes_left = 10**6
        self._version = 0

    def client(self) -> Client:
        client, _ = scripted_client(self.answer, ClientSettings(attempts=1))
        return client

    def put(self, path: str, body: Body) -> None:
        """Makes an object at a path, with uid and version."""
        *_, namespace, _, name = path.split("/")
        metadata = {"uid": f"uid-{name}", **body.get("metadata", {}), "name": name, "namespace": namespace}
        self.objects[path] = {**body, "metadata": metadata}
        self._touch(path)

    def spec(self, path: str) -> Any:
        return self.objects[path]["spec"]

    def annotations(self, path: str) -> Body:
        return dict(self.objects[path]["metadata"].get("annotations", {}))

    def change(self, path: str, patch: Body) -> None:
        """Changes an object as somebody else does."""
        self.objects[path] = merged(self.objects[path], patch)
        self._touch(path)

    async def answer(self, request: Request) -> AsyncIterator[bytes]:
        path = request.path.removesuffix("/scale")
        if request.method == "PATCH":
            yield self._patch(path, json.loads(request.body or b"{}"))
        elif request.path in self.discovery:
            yield json.dumps({"resources": self.discovery[request.path]}).encode()
        elif path in self.objects:
            yield json.dumps(self.objects[path]).encode()
        elif items := [body for one, body in self.objects.items() if path in _collections(one)]:
            yield json.dumps({"metadata": {"resourceVersion": str(self._version)}, "items": items}).encode()
        else:
            raise api_error(404, b"{}")

    def _patch(self, path: str, patch: Body) -> bytes:
        if self.writes_left <= 0:
            raise ConnectionNotMade("the process is dead")
        if path not in self.objects:
            raise api_error(404, b"{}")
        present, asked = self.objects[path]["metadata"], patch.get("metadata", {})
        for field in ("uid", "resourceVersion"):
            if field in asked and asked[field] != present[field]:
                raise api_error(409, b'{"reason": "Conflict"}')
        self.writes_left -= 1
        self.writes.append(path)
        self.objects[path] = merged(self.objects[path], patch)
        self._touch(path)
        return json.dumps(self.objects[path]).encode()

    def _touch(self, path: str) -> None:
        self._version += 1
        self.objects[path]["metadata"]["resourceVersion"] = str(self._version)


def _collections(path: str) -> tuple[str, str]:
    """Returns the paths of the lists that hold an object: of its namespace, and of all."""
    head, namespace, kind, _ = path.rsplit("/", 3)
    return f"{head}/{namespace}/{kind}", f"{head.removesuffix('/namespaces')}/{kind}"


def merged(body: Body, patch: Body) -> Body:
    """Returns the body after a JSON Merge Patch (RFC 7396)."""
    result = copy.deepcopy(body)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key, {}), value) if isinstance(value, dict) else value
    return result
