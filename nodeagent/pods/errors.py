"""Why the kubelet did not say which pod holds which device."""

from __future__ import annotations


class PodResourcesError(Exception):
    """The kubelet's PodResources socket gave no usable answer; ``reason`` is CamelCase, for conditions."""

    reason = "NoAnswer"


class SocketMissingError(PodResourcesError):
    """Nothing listens at the path: no kubelet, or its folder is not mounted."""

    reason = "SocketMissing"


class KubeletSilentError(PodResourcesError):
    """No answer within the deadline."""

    reason = "DeadlineExceeded"


class KubeletRefusedError(PodResourcesError):
    """The kubelet answered with an error: ``status`` is the name of its gRPC status."""

    reason = "KubeletRefused"

    def __init__(self, status: str, message: str) -> None:
        super().__init__(f"{status}: {message}" if message else status)
        self.status = status


class UnreadableAnswerError(PodResourcesError):
    """What came back is neither HTTP/2 nor the message that was asked for."""

    reason = "UnreadableAnswer"
