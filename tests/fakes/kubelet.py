"""A kubelet's PodResources socket: a real gRPC server (grpcio) that answers what a test put in.

Stands for the kubelet's own server (pkg/kubelet/apis/podresources of Kubernetes 1.36): List and
GetAllocatableResources of v1.PodResourcesLister, the socket removed and made anew at a restart, UNIMPLEMENTED
for what a version does not have, RESOURCE_EXHAUSTED above its rate, no answer while it hangs, and bytes that
are no message, as another program that took over the path would send.
"""

import threading
from concurrent import futures

import grpc


def encoded(number, content):
    """One length-delimited field."""
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def devices(resource, *ids):
    # topology = 3 with one NUMA node (field 1) of ID 1: readers must pass over what they do not know
    topology = encoded(3, encoded(1, varint(1 << 3) + varint(1)))
    return encoded(1, resource) + b"".join(encoded(2, name) for name in ids) + topology


def claim(*resources, name="gpus", namespace="llm"):
    """A DynamicResource message of ``(driver, pool, device, CDI name, …)``; old ones have the last alone."""
    inside = encoded(2, name) + encoded(3, namespace)
    for driver, pool, device, *cdi in resources:
        one = b"".join(encoded(1, encoded(1, found)) for found in cdi)
        texts = {2: driver, 3: pool, 4: device}
        one += b"".join(encoded(number, text) for number, text in texts.items() if text)
        inside += encoded(4, one)
    return inside


def pod(name, *held, namespace="llm", container="server", claims=()):
    """A PodResources message; ``held`` are ``(resource, id, …)``, ``claims`` made by ``claim``."""
    inside = encoded(1, container) + b"".join(encoded(2, devices(*one)) for one in held)
    # cpu_ids = 3, packed
    inside += encoded(3, b"\x01\x02")
    inside += b"".join(encoded(5, one) for one in claims)
    return encoded(1, name) + encoded(2, namespace) + encoded(3, inside)


class FakeKubelet:
    """Serves a socket; ``pods`` and ``offers`` are encoded messages."""

    def __init__(self, path):
        self.path = path
        self.pods = []
        self.offers = []
        self.calls = []
        self.refuses = {}
        self.raw = None
        self.hangs = threading.Event()
        self._released = threading.Event()
        self._server = None

    def start(self):
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
        methods = {
            "List": grpc.unary_unary_rpc_method_handler(self._list),
            "GetAllocatableResources": grpc.unary_unary_rpc_method_handler(self._allocatable),
        }
        handler = grpc.method_handlers_generic_handler("v1.PodResourcesLister", methods)
        self._server.add_generic_rpc_handlers((handler,))
        self._server.add_insecure_port(f"unix:{self.path}")
        self._server.start()
        return self

    def stop(self):
        self._released.set()
        if self._server is not None:
            self._server.stop(None).wait(5)
        self._server = None
        self.path.unlink(missing_ok=True)

    def _list(self, _request, context):
        return self._answer("List", context, b"".join(encoded(1, one) for one in self.pods))

    def _allocatable(self, _request, context):
        return self._answer("GetAllocatableResources", context, b"".join(encoded(1, o) for o in self.offers))

    def _answer(self, method, context, answer):
        self.calls.append(method)
        if self.hangs.is_set():
            self._released.wait(10)
        if method in self.refuses:
            context.abort(self.refuses[method], "as the test asked")
        return answer if self.raw is None else self.raw
